"""Only the gateway's signature, for this service, for a minute."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis import access_keys
from chassis.access import LEEWAY, LIFETIME, Signer, Verifier
from chassis.access_keys import RotationError, write_keys
from contracts.access import AccessContext, Grant
from contracts.errors import PlutError
from tests.stack import eventually

CONTEXT = AccessContext(account="a-1", name="Petugas", grants=(Grant("staff", "21.71"),), purpose="service")


@pytest.fixture
def keys(tmp_path: Path) -> tuple[str, str]:
    write_keys(tmp_path / "private", tmp_path / "public")
    return str(tmp_path / "private"), str(tmp_path / "public")


def test_a_context_arrives_as_it_was_signed(keys: tuple[str, str]) -> None:
    assert Verifier(keys[1], "registry").verify(Signer(keys[0]).sign(CONTEXT, "registry")) == CONTEXT


def test_the_public_file_holds_no_private_part_and_the_private_one_is_private(keys: tuple[str, str]) -> None:
    assert all("d" not in key for key in json.loads(Path(keys[1]).read_text())["keys"])
    assert Path(keys[0]).stat().st_mode & 0o077 == 0


def test_another_service_s_token_is_refused(keys: tuple[str, str]) -> None:
    with pytest.raises(PlutError, match="not-signed-in"):
        Verifier(keys[1], "legality").verify(Signer(keys[0]).sign(CONTEXT, "registry"))


def test_an_old_token_is_refused(keys: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert LIFETIME + LEEWAY == 60
    monkeypatch.setattr("chassis.access.LIFETIME", -LEEWAY - 1)
    with pytest.raises(PlutError, match="not-signed-in"):
        Verifier(keys[1], "registry").verify(Signer(keys[0]).sign(CONTEXT, "registry"))


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_nonsense_is_refused(keys: tuple[str, str], token: str | None) -> None:
    with pytest.raises(PlutError, match="not-signed-in"):
        Verifier(keys[1], "registry").verify(token)


def test_another_key_and_another_algorithm_are_refused(keys: tuple[str, str], tmp_path: Path) -> None:
    write_keys(tmp_path / "p2", tmp_path / "j2")
    with pytest.raises(PlutError):
        Verifier(keys[1], "registry").verify(Signer(str(tmp_path / "p2")).sign(CONTEXT, "registry"))
    # the public key taken for a shared secret
    public = OKPKey.import_key(json.loads(Path(keys[1]).read_text())["keys"][0])
    secret = OctKey.import_key(str(public.as_dict(private=False)["x"]))
    forged = jwt.encode({"alg": "HS256", "kid": public.kid}, {"sub": "a-1", "aud": "registry"}, secret)
    with pytest.raises(PlutError):
        Verifier(keys[1], "registry").verify(forged)


def payload_changed(token: str) -> str:
    head, body, signature = token.split(".")
    claims = json.loads(urlsafe_b64decode(body + "=="))
    claims["grants"] = [{"role": "operator", "scope": ""}]
    return f"{head}.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.{signature}"


def algorithm_none(token: str) -> str:
    head = urlsafe_b64encode(b'{"alg": "none", "typ": "JWT"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


def own_key_in_the_header(token: str) -> str:
    key = OKPKey.generate_key("Ed25519")
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    header = {"alg": "Ed25519", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key, algorithms=["Ed25519"])


def own_key_under_the_known_id(token: str) -> str:
    head = json.loads(urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))
    claims = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return jwt.encode(head, claims, OKPKey.generate_key("Ed25519"), algorithms=["Ed25519"])


def without_its_signature(token: str) -> str:
    return token.rpartition(".")[0] + "."


@pytest.mark.parametrize(
    "forge",
    [payload_changed, algorithm_none, own_key_in_the_header, own_key_under_the_known_id, without_its_signature],
)
def test_a_forged_context_is_refused(keys: tuple[str, str], forge: Callable[[str], str]) -> None:
    with pytest.raises(PlutError, match="not-signed-in"):
        Verifier(keys[1], "registry").verify(forge(Signer(keys[0]).sign(CONTEXT, "registry")))


def test_keys_rotate_while_contexts_are_signed_and_verified(keys: tuple[str, str]) -> None:
    private, jwks = map(Path, keys)
    signer, verifier = Signer(keys[0]), Verifier(keys[1], "registry")
    stopping, seen, failures = threading.Event(), set(), []

    def work() -> None:
        while not stopping.is_set():
            token = signer.sign(CONTEXT, "registry")
            seen.add(json.loads(urlsafe_b64decode(token.split(".")[0] + "=="))["kid"])
            try:
                verifier.verify(token)
            except PlutError as error:
                failures.append(error.params)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        kid = access_keys.publish(private, jwks)
        access_keys.switch(private)
        eventually(lambda kid=kid: kid in seen)  # type: ignore[misc]
    stopping.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(seen) == 4
    assert access_keys.retire(private, jwks) == 3


def test_what_a_retired_key_has_signed_is_refused(keys: tuple[str, str]) -> None:
    private, jwks = map(Path, keys)
    verifier, old = Verifier(keys[1], "registry"), Signer(keys[0]).sign(CONTEXT, "registry")
    access_keys.publish(private, jwks)
    access_keys.switch(private)
    assert verifier.verify(old) == CONTEXT
    access_keys.retire(private, jwks)
    eventually(lambda: refuses(verifier, old))


def refuses(verifier: Verifier, token: str) -> bool:
    try:
        verifier.verify(token)
    except PlutError:
        return True
    return False


def test_steps_out_of_turn_are_refused(keys: tuple[str, str]) -> None:
    private, jwks = map(Path, keys)
    with pytest.raises(RotationError, match="no next key"):
        access_keys.switch(private)
    access_keys.publish(private, jwks)
    with pytest.raises(RotationError, match="switch to it"):
        access_keys.publish(private, jwks)
    with pytest.raises(RotationError, match="switch to it first"):
        access_keys.retire(private, jwks)


def test_a_key_file_that_became_unusable_changes_nothing(keys: tuple[str, str]) -> None:
    signer, verifier = Signer(keys[0]), Verifier(keys[1], "registry")
    Path(keys[1]).write_text("{")
    verifier._keys.has_changed()
    assert verifier.verify(signer.sign(CONTEXT, "registry")) == CONTEXT
