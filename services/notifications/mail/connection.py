"""One connection to the mail server, whose answers are told apart by what is to be done about them."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Final

from services.notifications.carrier import Accepted, NotNowError, RefusedError, ServerAwayError
from services.notifications.domain.addresses import without
from services.notifications.mail.server import MailServer

#: Seconds that one step of the conversation may take, and seconds that one mail may take in all.
STEP, WHOLE = 15.0, 45.0
#: A server that has taken so many mails is asked for a new connection: many close it by themselves around there.
MAILS_PER_CONNECTION: Final = 100
_LONGEST_ANSWER: Final = 200
_GREETING: Final = 220
_DONE: Final = 250
_FORWARDED: Final = 251
_SERVICE_CLOSING: Final = 421
_TEMPORARY: Final = range(400, 500)


class MailConnection:
    """Opened by the first mail, closed by `close` or by whatever goes wrong."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None
        self._mails = 0

    def open(self) -> None:
        """Connect, unless there is a connection; raises ServerAwayError."""
        if self._smtp is not None and self._mails < MAILS_PER_CONNECTION:
            return
        self.close()
        smtp = self._conversation()
        try:
            with _limited(smtp):
                self._greet(smtp)
        except (smtplib.SMTPException, OSError) as error:
            smtp.close()
            raise ServerAwayError(_told(error)) from error
        self._smtp, self._mails = smtp, 0

    def hand_over(self, mail: bytes, *, sender: str, to: str) -> Accepted:
        """Give the server one mail. Raises ServerAwayError, NotNowError or RefusedError.

        When the connection breaks after the mail's last byte, nobody knows whether it was taken: it is tried again, with
        the same Message-ID.
        """
        self.open()
        assert self._smtp is not None
        try:
            with _limited(self._smtp):
                return self._hand_over(self._smtp, mail, sender, to)
        except (ServerAwayError, NotNowError):
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise NotNowError(_told(error)) from error

    def close(self) -> None:
        """Say goodbye, where there is somebody to say it to."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError), _limited(smtp):
                smtp.quit()
            smtp.close()

    def _conversation(self) -> smtplib.SMTP:
        """Not connected yet, so that the greeting too is read within the limit."""
        if self._server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=STEP, context=ssl.create_default_context())
        else:
            smtp = smtplib.SMTP(timeout=STEP)
        # smtplib checks certificates against the name that it is constructed with, but then connects at once
        smtp._host = self._server.host  # type: ignore[attr-defined]  # noqa: SLF001
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        code, answer = smtp.connect(self._server.host, self._server.port)
        if code != _GREETING:
            raise smtplib.SMTPConnectError(code, answer)
        if self._server.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()
        if self._server.user:
            smtp.login(self._server.user, self._server.password or "")

    def _hand_over(self, smtp: smtplib.SMTP, mail: bytes, sender: str, to: str) -> Accepted:
        self._mails += 1
        code, answer = smtp.mail(sender)
        if code != _DONE:
            # what is refused here is our sender, whoever the mail is for
            self._drop()
            raise ServerAwayError(f"{code} {_text(answer)}")
        code, answer = smtp.rcpt(to)
        if code not in (_DONE, _FORWARDED):
            raise self._problem(smtp, code, answer, to)
        try:
            code, answer = smtp.data(mail)
        except smtplib.SMTPDataError as error:
            # the command itself was answered with a no
            raise self._problem(smtp, error.smtp_code, _bytes(error.smtp_error), to) from error
        if code != _DONE:
            raise self._problem(smtp, code, answer, to)
        return Accepted(without(_text(answer), to), code)

    def _problem(self, smtp: smtplib.SMTP, code: int, answer: bytes, to: str) -> Exception:
        if code == _SERVICE_CLOSING:
            self._drop()
            return NotNowError(without(_text(answer), to), code)
        try:
            smtp.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()
        kind = NotNowError if code in _TEMPORARY else RefusedError
        return kind(without(_text(answer), to), code)

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


@contextlib.contextmanager
def _limited(smtp: smtplib.SMTP) -> Iterator[None]:
    """End the conversation after WHOLE seconds: a server that drips a byte now and then passes every step's time-out."""

    def cut() -> None:
        with contextlib.suppress(OSError, AttributeError):
            smtp.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    timer = threading.Timer(WHOLE, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _bytes(answer: bytes | str) -> bytes:
    return answer.encode() if isinstance(answer, str) else answer


def _text(answer: bytes) -> str:
    return " ".join(answer.decode("utf-8", "replace").split())[:_LONGEST_ANSWER]


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(_bytes(error.smtp_error))}"
    return f"{type(error).__name__}: {error}"[:_LONGEST_ANSWER]
