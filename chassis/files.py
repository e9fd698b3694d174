"""Files (uploads, exports, documents) through fsspec: a folder by default, any object store by setting."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any, Final

import fsspec

from chassis.settings import Settings

_KEY: Final = re.compile(r"[a-z0-9-]+(/[A-Za-z0-9][A-Za-z0-9._-]*)+")
_CHUNK: Final = 1 << 20


class TooLargeError(ValueError):
    """A file is larger than the limit; what had been written is gone."""


class FileStore:
    """Files by key: `<service>/<kind>/<uuid>`; a key never leaves the store's folder."""

    def __init__(self, settings: Settings) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(settings.files_url, auto_mkdir=True)

    @contextmanager
    def open(self, key: str, mode: str = "rb") -> Iterator[IO[bytes]]:
        """The file, for reading (`rb`; raises FileNotFoundError) or writing (`wb`)."""
        with self._fs.open(self._path(key), mode) as file:
            yield file

    def put(self, key: str, source: IO[bytes], *, limit: int | None = None) -> tuple[int, str]:
        """Copy `source` into the store; returns (bytes, sha256 in hex). Raises TooLargeError above `limit` bytes."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._fs.open(self._path(key), "wb") as target:
                while chunk := source.read(_CHUNK):
                    size += len(chunk)
                    if limit is not None and size > limit:
                        raise TooLargeError(f"larger than {limit} bytes")  # noqa: TRY301 - cleaned up after below
                    digest.update(chunk)
                    target.write(chunk)
        except TooLargeError:
            self.delete(key)
            raise
        return size, digest.hexdigest()

    def size(self, key: str) -> int:
        """Bytes; raises FileNotFoundError."""
        return int(self._fs.size(self._path(key)))

    def list(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Keys below `prefix` (`registry/uploads`) with the times of their last change; none where there is nothing."""
        folder = self._path(prefix)
        self._fs.invalidate_cache()
        for path in self._fs.find(folder):
            try:
                changed: datetime = self._fs.modified(path)
            except FileNotFoundError:
                continue
            yield path.removeprefix(f"{self._root}/"), changed if changed.tzinfo else changed.replace(tzinfo=UTC)

    def local_path(self, key: str) -> str | None:
        """The file's path where the store is a folder of this machine; None elsewhere."""
        protocol: Any = self._fs.protocol
        return self._path(key) if "file" in protocol or protocol == "file" else None

    def delete(self, key: str) -> None:
        """Remove the file; nothing happens where there is none."""
        path = self._path(key)
        if self._fs.exists(path):
            self._fs.rm_file(path)

    def _path(self, key: str) -> str:
        if not _KEY.fullmatch(key) or ".." in key:
            raise ValueError(f"not a file key: {key!r}")
        return f"{self._root}/{key}"
