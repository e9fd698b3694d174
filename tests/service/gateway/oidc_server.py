"""`python -m tests.service.gateway.oidc_server PORT`: an OpenID provider, which holds its clients to PKCE.

In a process of its own: the library speaks of its own deprecations, and tests take warnings for errors.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from urllib.parse import parse_qs, urlsplit

import oidc_provider_mock
from flask import Response, jsonify, request
from werkzeug.serving import make_server


def main(port: int) -> None:
    """Serve until killed."""
    app = oidc_provider_mock.app(require_nonce=True)
    challenges: dict[str, str] = {}

    @app.after_request
    def remember(response: Response) -> Response:
        if request.path == "/oauth2/authorize" and response.location:
            query = parse_qs(urlsplit(response.location).query)
            if "code" in query and request.args.get("code_challenge_method") == "S256":
                challenges[query["code"][0]] = request.args["code_challenge"]
        return response

    @app.before_request
    def require_proof() -> Response | None:
        if request.path != "/oauth2/token":
            return None
        digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenges.pop(request.form.get("code", ""), None) == proof:
            return None
        refusal = jsonify(error="invalid_grant", error_description="no proof of possession")
        refusal.status_code = 400
        return refusal

    make_server("127.0.0.1", port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
