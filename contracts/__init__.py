"""What crosses a process border: events, RPC requests and replies, error codes, the access context.

Imports nothing of the project's own, and no framework.
"""
