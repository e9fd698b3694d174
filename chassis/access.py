"""Access contexts on the wire: signed by the gateway for one request and one service (EdDSA), verified by the service."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from chassis.key_files import Watched
from contracts.access import AccessContext
from contracts.errors import NOT_SIGNED_IN, PlutError

HEADER: Final = "plut-access"
#: Seconds that a signed context is good for: longer than any time-out, short enough to be worthless when stolen.
LIFETIME: Final = 55
#: Seconds that clocks of two machines may differ by. With the lifetime it is a minute at most.
LEEWAY: Final = 5
# EdDSA on Ed25519, by the name that RFC 9864 gives it
_ALGORITHMS: Final = ["Ed25519"]


class Signer:
    """Signs contexts; `key_file` holds a private Ed25519 JWK, and is read again when it has changed."""

    def __init__(self, key_file: str) -> None:
        self._key = Watched(Path(key_file), _private_key)

    def sign(self, context: AccessContext, audience: str) -> str:
        """The context as a compact JWT for one service."""
        key = self._key.value()
        now = int(time.time())
        claims = msgspec.to_builtins(context)
        claims.update(sub=context.account, aud=audience, iat=now, exp=now + LIFETIME)
        return jwt.encode({"alg": "Ed25519", "kid": key.kid}, claims, key, algorithms=_ALGORITHMS)


class Verifier:
    """Verifies contexts for one service.

    `jwks_file` holds the public keys, several during a rotation, and is read again when it has changed.
    """

    def __init__(self, jwks_file: str, audience: str) -> None:
        self._keys = Watched(Path(jwks_file), KeySet.import_key_set)
        self._claims = jwt.JWTClaimsRegistry(
            aud={"essential": True, "value": audience}, exp={"essential": True}, iat={"essential": True}, leeway=LEEWAY
        )

    def verify(self, token: str | None) -> AccessContext:
        """The context in a token; raises PlutError `not-signed-in` for anything that isn't right about it."""
        if not token:
            raise _refused("there is no access context")
        try:
            decoded = self._decode(token)
            self._claims.validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise _refused(str(error)) from None
        return _context(decoded.claims)

    def _decode(self, token: str) -> jwt.Token:
        keys = self._keys.value()
        try:
            return jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # signed with a key that has only just been published; another thread may have read it in between
            self._keys.has_changed()
            newer = self._keys.value()
            if newer is keys:
                raise
            return jwt.decode(token, newer, algorithms=_ALGORITHMS)


def _private_key(content: Any) -> OKPKey:
    return OKPKey.import_key(content)


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
