"""Only the gateway's signature, for this service, for a minute."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis.access import Signer, Verifier, write_keys
from contracts.access import AccessContext, Grant
from contracts.errors import PlutError

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
    monkeypatch.setattr("chassis.access.LIFETIME", -30)
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
