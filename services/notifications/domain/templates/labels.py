"""Words for the codes that events and rows carry, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

Labels = Mapping[str, tuple[str, str]]

SIZES: Final[Labels] = {
    "micro": ("mikro", "micro"),
    "small": ("kecil", "small"),
    "medium": ("menengah", "medium"),
    "large": ("besar", "large"),
}

FIELDS: Final[Labels] = {
    "name": ("nama usaha", "name of the business"),
    "kind": ("bentuk usaha", "legal form"),
    "state": ("keadaan usaha", "whether the business runs"),
    "phone": ("telepon usaha", "phone of the business"),
    "email": ("surel usaha", "e-mail of the business"),
    "nib": ("NIB", "NIB"),
    "npwp": ("NPWP", "NPWP"),
    "address": ("alamat usaha", "address of the business"),
    "owner": ("data pemilik", "data of the owner"),
    "owner.name": ("nama pemilik", "name of the owner"),
    "owner.nik": ("NIK pemilik", "NIK of the owner"),
    "owner.phone": ("telepon pemilik", "phone of the owner"),
    "owner.email": ("surel pemilik", "e-mail of the owner"),
}

#: Why a message failed or was not sent.
REASONS: Final[Labels] = {
    "refused": ("server surel penerima menolaknya.", "the recipient's mail server refused it."),
    "gave-up": (
        "server surel penerima tidak menerimanya selama dua hari.",
        "the recipient's mail server did not take it for two days.",
    ),
    "no-address": ("tidak ada alamat surel.", "there is no e-mail address."),
    "bad-address": ("alamat surelnya tidak dapat dipakai.", "the e-mail address can't be used."),
    "no-consent": ("pemilik mencabut persetujuannya.", "the owner has withdrawn consent."),
    "removed": ("data usaha sudah dihapus.", "the record was removed."),
    "unknown-recipient": ("usahanya tidak dikenal.", "the enterprise is not known."),
    "expired": ("sudah kedaluwarsa sebelum terkirim.", "it had expired before it could be sent."),
    "unrenderable": ("isi pesan tidak dapat disusun.", "the text could not be made."),
}


def _in(language: str, label: tuple[str, str]) -> str:
    return label[language == "en"]


def size(code: str, language: str) -> str:
    """`micro` as `mikro`."""
    return _in(language, SIZES[code])


def reason(code: str, language: str) -> str:
    """Why a message failed, as a sentence; an unknown code as itself."""
    return _in(language, REASONS.get(code, (code, code)))


def field_names(names: Sequence[str], language: str) -> str:
    """Names of fields as a list in words; parts of an address, or of the owner, that have no name of their own become one."""
    found = [_in(language, FIELDS.get(name) or FIELDS[name.partition(".")[0]]) for name in names]
    return ", ".join(dict.fromkeys(found))


def number(value: int, language: str) -> str:
    """4812 as `4.812`, in English `4,812`."""
    grouped = f"{value:,}"
    return grouped if language == "en" else grouped.replace(",", ".")
