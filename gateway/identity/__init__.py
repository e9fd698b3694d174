"""Accounts, what they may do and where, sign-ins and their tokens. In the gateway's own database."""
