"""Headers that every answer carries: no sniffing, no frames, no caching of what is personal."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response

#: JSON needs nothing at all from a browser.
STRICT: Final = "default-src 'none'; frame-ancestors 'none'"
#: Pages bring their own style sheets and scripts from here. Swagger UI sets style attributes and has inline pictures.
PAGE: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def register(app: Flask) -> None:
    """Add the headers, keeping what a view has set on purpose."""

    @app.after_request
    def protect(response: Response) -> Response:
        page = response.mimetype == "text/html"
        defaults = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Content-Security-Policy": PAGE if page else STRICT,
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
        for name, value in defaults.items():
            response.headers.setdefault(name, value)
        return response
