from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from chassis.settings import SettingsError
from gateway.identity.account_key import AccountKey, AccountKeyError, write_key


@pytest.fixture
def key(tmp_path: Path) -> AccountKey:
    write_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    return AccountKey.from_file(str(tmp_path / "key"))


def test_what_is_sealed_opens_for_its_owner_alone(key: AccountKey) -> None:
    mine, other = uuid.uuid4(), uuid.uuid4()
    sealed = key.seal(b"secret", mine)
    assert key.open(sealed, mine) == b"secret"
    assert b"secret" not in sealed
    for wrong, owner in ((sealed, other), (sealed[:-1] + b"x", mine), (b"", mine)):
        with pytest.raises((AccountKeyError, ValueError)):
            key.open(wrong, owner)


def test_a_hash_is_of_its_use_and_of_where_its_parts_begin(key: AccountKey) -> None:
    assert key.hash("a", "bc", "d") == key.hash("a", "bc", "d")
    assert len({key.hash("a", "bc", "d"), key.hash("a", "b", "cd"), key.hash("ab", "c", "d")}) == 3


@pytest.mark.parametrize(
    "content", ["", "{}", '{"encryption": "YQ==", "hashing": "YQ=="}', '{"encryption": 1, "hashing": 2}']
)
def test_a_key_file_that_can_not_be_used_is_said_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content)
    with pytest.raises(SettingsError, match="PLUT_ACCOUNT_KEY_FILE"):
        AccountKey.from_file(str(tmp_path / "key"))
