"""The one table from error codes to HTTP statuses, and what each status is called."""

from __future__ import annotations

from typing import Final

from contracts import errors

# codes of the edge itself
BAD_REQUEST: Final = "bad-request"
METHOD_NOT_ALLOWED: Final = "method-not-allowed"
NOT_ACCEPTABLE: Final = "not-acceptable"
REQUEST_TIMEOUT: Final = "request-timeout"
IDEMPOTENCY_KEY_REQUIRED: Final = "idempotency-key-required"
IDEMPOTENCY_KEY_INVALID: Final = "idempotency-key-invalid"
TOO_LARGE: Final = "too-large"
UNSUPPORTED_MEDIA_TYPE: Final = "unsupported-media-type"
TOO_MANY_REQUESTS: Final = "too-many-requests"
SIGN_IN_REFUSED: Final = "sign-in-refused"
CODE_REQUIRED: Final = "code-required"
CODE_REFUSED: Final = "code-refused"
SECOND_FACTOR_REQUIRED: Final = "second-factor-required"
CSRF_REFUSED: Final = "csrf-refused"
ON_BEHALF_REFUSED: Final = "on-behalf-refused"

STATUS_OF: Final[dict[str, int]] = {
    BAD_REQUEST: 400,
    IDEMPOTENCY_KEY_REQUIRED: 400,
    IDEMPOTENCY_KEY_INVALID: 400,
    errors.NOT_SIGNED_IN: 401,
    SIGN_IN_REFUSED: 401,
    CODE_REQUIRED: 401,
    CODE_REFUSED: 401,
    SECOND_FACTOR_REQUIRED: 403,
    CSRF_REFUSED: 403,
    ON_BEHALF_REFUSED: 403,
    errors.NOT_ALLOWED: 403,
    errors.OUT_OF_SCOPE: 403,
    errors.NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    NOT_ACCEPTABLE: 406,
    REQUEST_TIMEOUT: 408,
    errors.VERSION_CONFLICT: 409,
    TOO_LARGE: 413,
    UNSUPPORTED_MEDIA_TYPE: 415,
    errors.INVALID_REQUEST: 422,
    errors.IDEMPOTENCY_MISMATCH: 422,
    errors.VERSION_REQUIRED: 428,
    TOO_MANY_REQUESTS: 429,
    errors.INTERNAL: 500,
    errors.UNAVAILABLE: 503,
    errors.DEADLINE_EXCEEDED: 504,
}

_STATUS_OF_SUFFIX: Final = (
    ("not-found", 404),
    ("conflict", 409),
    ("exists", 409),
    ("too-large", 413),
    ("refused", 422),
    ("invalid", 422),
)

#: Statuses after which the same request may succeed later, with the seconds to wait before it is tried again.
RETRY_AFTER: Final = {429: 30, 503: 5, 504: 5}

TITLES: Final[dict[int, tuple[str, str]]] = {
    400: ("Permintaan tidak dapat dibaca", "The request can't be read"),
    401: ("Belum masuk", "Not signed in"),
    403: ("Tidak diizinkan", "Not allowed"),
    404: ("Tidak ditemukan", "Not found"),
    405: ("Metode tidak tersedia", "Method not available"),
    406: ("Format jawaban tidak tersedia", "Format not available"),
    408: ("Permintaan terlalu lama dikirim", "The request took too long to arrive"),
    409: ("Bertentangan dengan keadaan sekarang", "In conflict with the present state"),
    412: ("Data sudah berubah", "The data has changed"),
    413: ("Terlalu besar", "Too large"),
    415: ("Jenis isi tidak diterima", "Content type not accepted"),
    422: ("Isian perlu diperbaiki", "Something in the request needs correcting"),
    428: ("Versi belum disebutkan", "The version is missing"),
    429: ("Terlalu sering", "Too many requests"),
    500: ("Kegagalan di pihak kami", "A failure on our side"),
    503: ("Sedang tidak tersedia", "Not available at the moment"),
    504: ("Jawaban terlalu lama", "The answer took too long"),
}

CODE_OF: Final[dict[int, str]] = {
    400: BAD_REQUEST,
    401: errors.NOT_SIGNED_IN,
    403: errors.NOT_ALLOWED,
    404: errors.NOT_FOUND,
    405: METHOD_NOT_ALLOWED,
    406: NOT_ACCEPTABLE,
    408: REQUEST_TIMEOUT,
    409: errors.VERSION_CONFLICT,
    413: TOO_LARGE,
    415: UNSUPPORTED_MEDIA_TYPE,
    422: errors.INVALID_REQUEST,
    429: TOO_MANY_REQUESTS,
    503: errors.UNAVAILABLE,
    504: errors.DEADLINE_EXCEEDED,
}
"""The code of a refusal that comes from the web framework, by its status."""


def status_of(code: str, *, conditional: bool = False) -> int:
    """The HTTP status of an error code; `conditional` is whether the request came with If-Match.

    A code that isn't in the table is judged by how it ends; one that ends in nothing known is the caller's mistake if
    a service gave it a name of its own (`registry.size-unknown`: 422), and ours otherwise (500).
    """
    if code == errors.VERSION_CONFLICT and conditional:
        return 412
    if code in STATUS_OF:
        return STATUS_OF[code]
    for suffix, status in _STATUS_OF_SUFFIX:
        if code.endswith(suffix):
            return status
    return 422 if "." in code else 500
