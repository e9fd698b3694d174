"""Pages for people, without the internet: the first page, a password, and the documentation of the API."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from flask import Blueprint, Response, render_template, send_from_directory
from werkzeug.exceptions import NotFound

from gateway import health
from gateway.api.authentication import public
from gateway.edge.openapi import PREFIX
from gateway.resources import resources

blueprint = Blueprint("pages", __name__, template_folder="templates", static_folder=None)

_OWN: Final = ("plut.css", "docs.js", "password.js")
_SWAGGER: Final = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_DAY: Final = 86_400
_NAMES: Final = {"database": "basis data · database", "broker": "perantara pesan · broker"}


@blueprint.get("/")
@public
def front() -> str:
    """What this is, whether its pieces are well, and where to go."""
    state = health.state()
    pieces = {_NAMES.get(name, name): well for name, well in (state["checks"] | state["services"]).items()}
    return render_template(
        "front.html", pieces=pieces, mail_catcher_url=resources().settings.mail_catcher_url, api=PREFIX
    )


@blueprint.get(f"{PREFIX}/docs")
@public
def docs() -> str:
    """The documentation of the API, to read and to try."""
    return render_template("docs.html", api=PREFIX)


@blueprint.get("/password")
@public
def password() -> str:
    """Where the links of invitations, and of mails about forgotten passwords, lead to."""
    return render_template("password.html", api=PREFIX)


@blueprint.get("/assets/<name>")
@public
def asset(name: str) -> Response:
    """A style sheet or script of these pages: ours, or Swagger UI's from its Python package."""
    if name in _OWN:
        folder = str(files(__package__) / "static")
    elif name in _SWAGGER:
        folder = str(files("flask_swagger_ui") / "dist")
    else:
        raise NotFound
    response = send_from_directory(folder, name, max_age=_DAY)
    response.headers["Cache-Control"] = f"public, max-age={_DAY}"
    return response
