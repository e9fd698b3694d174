"""RPC requests and replies, one module per service, as marshmallow schemas.

A service loads requests with them; the gateway checks HTTP bodies with the same ones and writes the OpenAPI document
from them. Unknown fields are refused: writers are strict.
"""
