"""Passwords: how they are kept (argon2id), and which ones are refused."""

from __future__ import annotations

import re
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from contracts.errors import UNAVAILABLE, PlutError

LEAST: Final = 12
MOST: Final = 200

_hasher: Final = PasswordHasher()
# a hash takes 64 MiB: a flood of sign-ins must not take the memory of everybody else
_at_once: Final = BoundedSemaphore(4)
_PATIENCE: Final = 5.0
#: What an unknown account's password is compared with, so that the answer takes as long. It is the hash of nothing known.
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXRoaW5nIHJhbmRvbQ$LNtGFzQqUZTg0QBXYNWxSQ2tRBGyV2WqQYBQSzV3HUE"

_SUBSTITUTES: Final = str.maketrans("013457@$!", "oleastasi")
_COMMON: Final = frozenset((
    "password", "passwort", "passw", "sandi", "katasandi", "rahasia", "admin", "administrator", "operator",
    "welcome", "qwerty", "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbn", "zxcvbnm", "letmein", "iloveyou",
    "indonesia", "merdeka", "bismillah", "alhamdulillah", "sayang", "cintaku", "garuda", "pancasila", "jakarta",
    "batam", "binjai", "medan", "plut", "plutkumkm", "umkm", "umkmnaikkelas", "koperasi", "dinas", "dinaskoperasi",
    "changeme", "default", "secret", "monkey", "dragon", "football", "sunshine", "princess", "superman", "trustno",
    "qazwsx", "qweasdzxc", "januari", "februari", "maret", "april", "agustus", "september", "oktober", "november",
    "desember", "senin", "selasa", "kamis", "jumat", "sabtu", "minggu",
))  # fmt: skip
_RUNS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm")


_GUESSED: Final = "Terlalu mudah ditebak. / Too easy to guess."
#: zxcvbn's score from 0 to 4: 3 stands for more than 10^8 guesses, which nobody makes through a sign-in.
_GOOD: Final = 3
#: Longer ones are judged by their beginning: zxcvbn's time grows with the length, up to seconds for what looks like l33t.
_JUDGED: Final = 28


def make_hash(password: str) -> str:
    """The argon2id hash to keep. Raises PlutError `unavailable` when too many are being made."""
    _enter()
    try:
        return _hasher.hash(password)
    finally:
        _at_once.release()


def matches(kept: str | None, password: str) -> bool:
    """Whether `password` is the one behind a kept hash. Takes as long without a hash as with one."""
    _enter()
    try:
        _hasher.verify(kept or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _at_once.release()
    return kept is not None


def needs_new_hash(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def _enter() -> None:
    if not _at_once.acquire(timeout=_PATIENCE):
        raise PlutError(UNAVAILABLE, "Too many sign-ins at once.", "Terlalu banyak yang masuk bersamaan.")


def objections(password: str, *, about: tuple[str, ...] = ()) -> list[str]:
    """Why a new password is refused, in both languages; empty for a good one.

    `about` is what others know of the person: name, e-mail. Long passphrases need no digits or signs (NIST SP 800-63B).
    """
    if len(password) < LEAST:
        return [f"Paling sedikit {LEAST} karakter. / At least {LEAST} characters."]
    if len(password) > MOST:
        return [f"Paling banyak {MOST} karakter. / At most {MOST} characters."]
    plain = password.casefold()
    if len(set(plain)) < 5 or _is_repeated(plain):  # noqa: PLR2004
        return ["Terlalu banyak pengulangan. / Too repetitive."]
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain)
    if _stripped(plain) in _COMMON or _stripped(core.translate(_SUBSTITUTES)) in _COMMON or _is_run(plain):
        return [_GUESSED]
    known = _own_words(about)
    left = re.sub("|".join(map(re.escape, sorted(known, key=len, reverse=True))), "", plain)
    if left != plain and (len(left) * 2 < len(plain) or not _stripped(left)):
        return ["Jangan memakai nama atau alamat surel. / Don't use the name or the e-mail address."]
    return [_GUESSED] if _is_guessed(plain, known) else []


def _own_words(about: tuple[str, ...]) -> set[str]:
    """What others know of a person, whole, as the part of an e-mail before its @, and word by word."""
    texts = [text.casefold() for text in about]
    parts = (part for text in texts for part in (text, text.partition("@")[0], *re.split(r"[^a-z0-9]+", text)))
    return {part for part in parts if len(part) >= 4}  # noqa: PLR2004 - shorter ones stand in any word


def _is_guessed(plain: str, known: set[str]) -> bool:
    """Whether a program that knows words, names, dates, keyboards and habits would guess it."""
    return int(zxcvbn(plain[:_JUDGED], user_inputs=sorted(known | _COMMON))["score"]) < _GOOD


def _stripped(password: str) -> str:
    """Letters only: `Rahasia-2026!` is `rahasia`."""
    return re.sub(r"[^a-z]", "", password)


def _is_repeated(password: str) -> bool:
    """`abcabcabcabc`: one short piece over and over."""
    return re.fullmatch(r"(.{1,5}?)\1+.?", password) is not None


def _is_run(password: str) -> bool:
    """`123456789012`, `qwertyuiop12`: neighbours on the keyboard or in the alphabet, most of the way."""
    neighbours = sum(
        any(pair in run or pair[::-1] in run for run in _RUNS)
        for pair in (password[i : i + 2] for i in range(len(password) - 1))
    )
    return neighbours * 4 >= (len(password) - 1) * 3
