"""Access contexts on the wire: signed by the gateway for one request and one service (EdDSA), verified by the service."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from contracts.access import AccessContext
from contracts.errors import NOT_SIGNED_IN, PlutError

HEADER: Final = "plut-access"
#: Seconds that a signed context is good for: longer than any time-out, short enough to be worthless when stolen.
LIFETIME: Final = 60
# EdDSA on Ed25519, by the name that RFC 9864 gives it
_ALGORITHMS: Final = ["Ed25519"]


def write_keys(private_file: Path, jwks_file: Path) -> None:
    """Make a signing key: the private JWK for the gateway, the public set for the services."""
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "Ed25519"}, auto_kid=True)
    private_file.touch(mode=0o600)
    private_file.write_text(json.dumps(key.as_dict(private=True)))
    jwks_file.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))


class Signer:
    """Signs contexts; `key_file` holds a private Ed25519 JWK."""

    def __init__(self, key_file: str) -> None:
        self._key = OKPKey.import_key(json.loads(Path(key_file).read_text()))
        self._header = {"alg": "Ed25519", "kid": self._key.kid}

    def sign(self, context: AccessContext, audience: str) -> str:
        """The context as a compact JWT for one service."""
        now = int(time.time())
        claims = msgspec.to_builtins(context)
        claims.update(sub=context.account, aud=audience, iat=now, exp=now + LIFETIME)
        return jwt.encode(self._header, claims, self._key, algorithms=_ALGORITHMS)


class Verifier:
    """Verifies contexts for one service; `jwks_file` holds the public keys, several during a rotation."""

    def __init__(self, jwks_file: str, audience: str) -> None:
        self._keys = KeySet.import_key_set(json.loads(Path(jwks_file).read_text()))
        self._claims = jwt.JWTClaimsRegistry(
            aud={"essential": True, "value": audience}, exp={"essential": True}, iat={"essential": True}, leeway=5
        )

    def verify(self, token: str | None) -> AccessContext:
        """The context in a token; raises PlutError `not-signed-in` for anything that isn't right about it."""
        if not token:
            raise _refused("there is no access context")
        try:
            decoded = jwt.decode(token, self._keys, algorithms=_ALGORITHMS)
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise _refused(str(error)) from None
        return _context(decoded.claims)


def _context(claims: dict[str, Any]) -> AccessContext:
    try:
        context = msgspec.convert(claims, AccessContext)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from None
    if context.account != claims.get("sub"):
        raise _refused("account and subject differ")
    return context


def _refused(reason: str) -> PlutError:
    return PlutError(
        NOT_SIGNED_IN,
        "The request is not signed by the gateway.",
        "Permintaan tidak ditandatangani gerbang.",
        reason=reason,
    )
