"""The sign-in provider of an organisation, by OpenID Connect: authorization code with PKCE, state and nonce.

Authlib speaks the protocol, joserfc reads the ID token. What was begun stands sealed in a cookie of the browser, so that an
answer counts only where it was asked for.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis.log import logger
from contracts.errors import UNAVAILABLE, PlutError
from gateway.edge.statuses import SIGN_IN_REFUSED
from gateway.settings import GatewaySettings

log = logger(__name__)

#: Seconds to connect to the provider, and to wait for its answer.
_PATIENCE: Final = (2.0, 5.0)
_KEPT: Final = 3600.0
_LEEWAY: Final = 60
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "Ed25519"]


@dataclass(frozen=True, slots=True)
class Begun:
    """What a browser keeps while its person is at the provider."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


class Provider:
    """One provider, as the settings name it; asked for its addresses and keys at the first use, and every hour."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._secret_file = settings.oidc_client_secret_file
        self._callback = f"{settings.public_url}/sign-in/oidc/callback"
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    def begin(self) -> tuple[str, Begun]:
        """Where to send a browser, and what it has to keep. Raises PlutError `unavailable`."""
        begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        url, _ = self._session().create_authorization_url(
            self._metadata()["authorization_endpoint"], state=begun.state, nonce=begun.nonce,
            code_verifier=begun.verifier,
        )  # fmt: skip
        return str(url), begun

    def finish(self, begun: Begun, *, code: str) -> dict[str, Any]:
        """The claims of the ID token that a code stands for. Raises `sign-in-refused`, or `unavailable`."""
        try:
            token = self._session().fetch_token(
                self._metadata()["token_endpoint"], code=code, code_verifier=begun.verifier, timeout=_PATIENCE
            )
            return self._claims(str(token["id_token"]), begun)
        except requests.RequestException as error:
            raise _away(error) from None
        except (OAuthError, JoseError, KeyError, ValueError) as error:
            log.warning("single sign-on refused", error=type(error).__name__)
            raise refused() from None

    def _session(self) -> Any:
        secret = Path(self._secret_file).read_text().strip() if self._secret_file else None
        return OAuth2Session(
            self._client_id, secret, scope="openid email", redirect_uri=self._callback, code_challenge_method="S256"
        )

    def _claims(self, id_token: str, begun: Begun) -> dict[str, Any]:
        address = self._metadata()["jwks_uri"]
        try:
            decoded = jwt.decode(id_token, KeySet.import_key_set(self._read(address)), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
        except (JoseError, ValueError):
            # the provider may have a new key since
            fresh = self._read(address, anew=True)
            decoded = jwt.decode(id_token, KeySet.import_key_set(fresh), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": begun.nonce},
            leeway=_LEEWAY,
        )
        registry.validate(decoded.claims)
        if decoded.claims.get("azp", self._client_id) != self._client_id:
            raise ValueError("the token is somebody else's")
        return dict(decoded.claims)

    def _metadata(self) -> dict[str, Any]:
        found = self._read(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise refused()
        return found

    def _read(self, address: str, *, anew: bool = False) -> dict[str, Any]:
        with self._lock:
            until, found = self._known.get(address, (0.0, {}))
            if not anew and time.monotonic() < until:
                return found
        try:
            answer = requests.get(address, timeout=_PATIENCE, allow_redirects=False)
            answer.raise_for_status()
            found = dict(answer.json())
        except requests.RequestException as error:
            raise _away(error) from None
        with self._lock:
            self._known[address] = (time.monotonic() + _KEPT, found)
        return found


def refused() -> PlutError:
    """The provider's answer isn't one that we asked for, or doesn't stand for an account."""
    return PlutError(
        SIGN_IN_REFUSED,
        "The sign-in was refused. Begin again, or ask who administers the accounts of your office.",
        "Masuk ditolak. Mulailah lagi, atau hubungi pengelola akun di kantor Anda.",
    )


def _away(error: Exception) -> PlutError:
    log.warning("single sign-on provider away", error=type(error).__name__)
    return PlutError(
        UNAVAILABLE,
        "The sign-in provider doesn't answer. Try again, or sign in with your password.",
        "Penyedia masuk tidak menjawab. Coba lagi, atau masuk dengan kata sandi.",
        retry_after=5,
    )
