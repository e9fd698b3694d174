"""Pages and JSON of the mail catcher.

`/` the newest mails, `/mails/<id>` one of them, `/api/messages[?limit=&before=&to=]` and `/api/messages/<id>` the same
for programs, `DELETE /api/messages` forgets all. `POST /api/sms` takes a short message, as a provider of such would.
"""

from __future__ import annotations

from flask import Flask, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from deploy.mail.store import Mail, MailStore

_PAGE = 50
# a mail's own HTML is shown without scripts, forms or anything from elsewhere
_MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def create_app(store: MailStore) -> Flask:
    """The catcher's web application."""
    app = Flask(__name__)

    def find(mail: int) -> Mail:
        return store.get(mail) or abort(404)

    @app.get("/")
    def index() -> str:
        to = request.args.get("to", "").strip()
        mails = store.newest(_PAGE, request.args.get("before", type=int), to)
        return render_template("list.html", mails=mails, to=to, count=store.count(), full=len(mails) == _PAGE)

    @app.get("/mails/<int:mail>")
    def show(mail: int) -> str:
        return render_template("mail.html", mail=find(mail).detail())

    @app.get("/mails/<int:mail>/html")
    def show_html(mail: int) -> ResponseReturnValue:
        return Response(find(mail).body("html") or "", headers={"Content-Security-Policy": _MAIL_POLICY})

    @app.get("/mails/<int:mail>/raw")
    def show_raw(mail: int) -> ResponseReturnValue:
        return Response(find(mail).raw, mimetype="text/plain")

    @app.get("/api/messages")
    def messages() -> ResponseReturnValue:
        limit = min(max(request.args.get("limit", 100, type=int), 1), 1000)
        found = store.newest(limit, request.args.get("before", type=int), request.args.get("to"))
        return jsonify(count=store.count(), messages=[mail.detail() for mail in found])

    @app.get("/api/messages/<int:mail>")
    def message(mail: int) -> ResponseReturnValue:
        return jsonify(find(mail).detail())

    @app.delete("/api/messages")
    def clear() -> ResponseReturnValue:
        store.clear()
        return "", 204

    @app.get("/healthz")
    @app.get("/readyz")
    def ready() -> ResponseReturnValue:
        return jsonify(ready=True, checks={"store": store.count() >= 0})

    _take_sms(app, store)
    return app


def _take_sms(app: Flask, store: MailStore) -> None:
    @app.post("/api/sms")
    def take() -> ResponseReturnValue:
        body = request.get_json()
        store.add_sms(str(body["to"]), str(body["text"]), str(body.get("id", "")))
        return "", 202
