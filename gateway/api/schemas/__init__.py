"""Requests and replies of the gateway's own endpoints, by what they are about."""
