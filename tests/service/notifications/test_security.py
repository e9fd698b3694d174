"""Encrypted and with a login, as a mail server on the internet wants it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.notifications.mail.connection import MailConnection, ServerAwayError
from services.notifications.mail.server import MailServer
from tests.service.notifications.mail_server import SmtpServer
from tests.service.notifications.office import Office, mails_for


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, signed by itself; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


def test_starttls_and_login(office: Office, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with SmtpServer(user=("plut", "s3:cr@t"), tls=context(certificate)) as server:
        office.hear(*mails_for(2))
        office.send(server.port, url=f"smtp+starttls://plut:s3%3Acr%40t@127.0.0.1:{server.port}")
        assert len(server.mails) == 2


def test_a_wrong_password_fails_no_mail(office: Office, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with SmtpServer(user=("plut", "right"), tls=context(certificate)) as server:
        office.hear(*mails_for(2))
        office.send(server.port, url=f"smtp+starttls://plut:wrong@127.0.0.1:{server.port}")
        assert server.mails == []
    assert office.states() == [("waiting", 0, None)] * 2


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(certificate: Path) -> None:
    with SmtpServer(tls=context(certificate)) as server:
        connection = MailConnection(MailServer.from_url(f"smtp+starttls://127.0.0.1:{server.port}"))
        with pytest.raises(ServerAwayError, match="CERTIFICATE_VERIFY_FAILED"):
            connection.open()


def test_a_server_without_starttls_gets_nothing_in_the_clear(smtp: SmtpServer) -> None:
    connection = MailConnection(MailServer.from_url(f"smtp+starttls://127.0.0.1:{smtp.port}"))
    with pytest.raises(ServerAwayError):
        connection.open()
