"""The keys of access contexts: made, and replaced in steps that no request notices.

1. `publish`: the next key's public half goes to the services, beside the one in use.
2. `switch`: the gateway signs with it. Where files take their time to reach all machines, that is waited for before.
3. `retire`: a minute later nothing is left that the old one has signed, and it goes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from chassis.key_files import write_private


class RotationError(RuntimeError):
    """A step was asked for whose turn it isn't; the text says which is next."""


def write_keys(private_file: Path, jwks_file: Path) -> None:
    """Make the first key: the private JWK for the gateway, the public set for the services."""
    key = _new_key()
    write_private(private_file, json.dumps(key.as_dict(private=True)))
    write_private(jwks_file, json.dumps({"keys": [key.as_dict(private=False)]}))


def publish(private_file: Path, jwks_file: Path) -> str:
    """Make the next key and give its public half to the services; returns its id."""
    upcoming = _upcoming(private_file)
    if upcoming.exists():
        raise RotationError("the next key has been published already: switch to it")
    key = _new_key()
    write_private(upcoming, json.dumps(key.as_dict(private=True)))
    write_private(jwks_file, json.dumps({"keys": [*_public(jwks_file), key.as_dict(private=False)]}))
    return str(key.kid)


def switch(private_file: Path) -> str:
    """Sign with the key that was published; returns its id."""
    upcoming = _upcoming(private_file)
    if not upcoming.exists():
        raise RotationError("no next key has been published")
    upcoming.replace(private_file)
    return _id_of(private_file)


def retire(private_file: Path, jwks_file: Path) -> int:
    """Take away every public key but the one in use; returns how many that were."""
    if _upcoming(private_file).exists():
        raise RotationError("the next key has been published: switch to it first")
    used, keys = _id_of(private_file), _public(jwks_file)
    kept = [key for key in keys if key["kid"] == used]
    write_private(jwks_file, json.dumps({"keys": kept}))
    return len(keys) - len(kept)


def _new_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "Ed25519"}, auto_kid=True)


def _upcoming(private_file: Path) -> Path:
    return private_file.with_name(f"{private_file.name}.next")


def _public(jwks_file: Path) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = json.loads(jwks_file.read_text())["keys"]
    return keys


def _id_of(private_file: Path) -> str:
    return str(OKPKey.import_key(json.loads(private_file.read_text())).kid)
