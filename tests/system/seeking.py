"""Looking for numbers in whatever was written down: also cut into groups, escaped, in base64 or hex, as integers, or hashed."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes

#: What people, and UTF-16, put between digits.
_SEPARATORS = b" .-_,'/\x00"
_ESCAPED = re.compile(rb"\\+u00(3\d)|&#(?:x(3\d)|(4[89]|5[0-7]));")
_HASHES = ("md5", "sha1", "sha256")


class Seeker:
    """Finds numbers that begin alike: by `stem`, their first digits, which nothing else has, wherever digits are written.

    `numbers` are needed for what shows no digits: integers, and hashes without a key, which anybody can compute of all
    the numbers that there may be.
    """

    def __init__(self, stem: str, numbers: Sequence[str]) -> None:
        self._written = list(_written(stem.encode()))
        self._computed = [form for number in numbers for form in _computed(number)]

    def find(self, content: bytes) -> set[str]:
        """How the numbers are written in there; nothing where they aren't."""
        return {how for reading in _readings(content) for form, how in self._written if form in reading}

    def find_hidden(self, content: bytes) -> set[str]:
        """The same, and integers and hashes."""
        return self.find(content) | {how for form, how in self._computed if form in content}

    def find_in_file(self, file: Path) -> set[str]:
        """The same as `find`, also in the parts of an archive such as a workbook."""
        content = file.read_bytes()
        found = self.find(content)
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                found = found.union(*(self.find(archive.read(part)) for part in archive.namelist()))
        return found


def _written(digits: bytes) -> Iterator[tuple[bytes, str]]:
    yield digits, "digits"
    yield digits.hex().encode(), "hex"
    for before in range(3):
        coded = base64.b64encode(bytes(before) + digits)
        # without the characters that hold bits of the neighbours, too
        yield coded[-(-before * 4 // 3) : (before + len(digits)) * 4 // 3], "base64"


def _computed(number: str) -> Iterator[tuple[bytes, str]]:
    yield int(number).to_bytes(8, "little"), "integer"
    yield int(number).to_bytes(8, "big"), "integer"
    for name in _HASHES:
        digest = hashlib.new(name, number.encode()).digest()
        yield digest, name
        yield digest.hex().encode(), name


def _readings(content: bytes) -> Iterator[bytes]:
    """The bytes as they are, and without what a person, an encoding or an escape puts between or in place of digits."""
    yield content
    plain = unquote_to_bytes(content) if b"%3" in content or b"%2" in content else content
    if b"\\u00" in plain or b"&#" in plain:
        plain = _ESCAPED.sub(_digit, plain)
    yield plain.translate(None, _SEPARATORS)


def _digit(escaped: re.Match[bytes]) -> bytes:
    hexadecimal = escaped[1] or escaped[2]
    return bytes.fromhex(hexadecimal.decode()) if hexadecimal else bytes([int(escaped[3])])
