"""Commands that talk to a platform: which one, with whose token, and what to say when it refuses."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from deploy.cli.language import accept_language, words
from deploy.cli.state import layout
from deploy.client import PlatformClient, ProblemError, UnreachableError, token_in
from deploy.local.ports import HOST, read

REFUSED, UNREACHABLE = 1, 3
"""Exit statuses: the platform says no or the work failed; nobody answers. 2 is a wrong command line."""


def remote(command: Callable[..., None]) -> Callable[..., None]:
    """Adds --url and --token, hands a client over as `client`, and turns refusals into one readable line."""

    @click.option("--url", envvar="PLUT_URL", help="Address of the platform.  [default: the local one]")
    @click.option("--token", envvar="PLUT_TOKEN", help="Whose token.  [default: the local operator's]")
    @functools.wraps(command)
    def with_client(*args: Any, url: str | None, token: str | None, **kwargs: Any) -> None:
        try:
            command(*args, client=_client(url, token), **kwargs)
        except ProblemError as error:
            _end(str(error), REFUSED)
        except UnreachableError as error:
            _end(f"{words('platform tidak menjawab', 'the platform does not answer')}: {error}", UNREACHABLE)

    return with_client


def _client(url: str | None, token: str | None) -> PlatformClient:
    if url is None:
        port = read(layout().ports).get("gateway")
        if port is None:
            _end(
                words("platform tidak berjalan; ketik: ./plut up", "the platform isn't running; type: ./plut up"),
                UNREACHABLE,
            )
        url = f"http://{HOST}:{port}"
        token = token or token_in(layout().token)
    if not token:
        _end(words("token tidak ada; berikan --token atau PLUT_TOKEN", "no token; give --token or PLUT_TOKEN"), REFUSED)
    return PlatformClient(url, token, accept_language())


def _end(text: str, status: int) -> NoReturn:
    click.echo(f"{words('Gagal', 'Error')}: {text}", err=True)
    sys.exit(status)
