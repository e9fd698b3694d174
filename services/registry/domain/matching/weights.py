"""How much each observation says, in bits, and in words.

After Fellegi and Sunter (1969): the weight of an observation is log2 of how much likelier it is among rows of the same
business than among others. There are two kinds of others, and a pair must be told from both:

- `stranger`: businesses of different people. The same NIK says much here; so does the same street.
- `sibling`: another business of the same person. The same NIK, phone or owner's name says nothing here; what the
  business is called, makes and is worth does. Two businesses of one owner are two.

The weights are rounded estimates from how offices' lists are filled in, not fitted to one file: equal values weigh
about log2 of how many values are common, unequal ones about log2 of how often one office writes a fact differently.
"""

from typing import Final

import msgspec


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One observation about a pair: its weight against strangers and siblings (bits) and what it is called."""

    code: str
    stranger: float
    sibling: float
    reason_id: str
    reason_en: str


def _evidence(code: str, stranger: float, sibling: float, reason_id: str, reason_en: str) -> Evidence:
    return Evidence(code, stranger, sibling, reason_id, reason_en)


NIK_SAME: Final = _evidence("nik_same", 18, 0, "NIK sama", "same NIK")
NIK_DIFFERS: Final = _evidence("nik_differs", -9, 0, "NIK berbeda", "different NIK")
OWNER_SAME: Final = _evidence("owner_same", 9, 0, "nama pemilik sama", "same owner's name")
OWNER_NEAR: Final = _evidence("owner_near", 6, 0, "nama pemilik hampir sama", "nearly the same owner's name")
OWNER_PART: Final = _evidence("owner_part", 3, 0, "nama pemilik sebagian sama", "owner's name partly the same")
OWNER_DIFFERS: Final = _evidence("owner_differs", -9, -2, "nama pemilik berbeda", "different owner's name")
PHONE_SAME: Final = _evidence("phone_same", 12, 0, "nomor telepon sama", "same phone number")
PHONE_DIFFERS: Final = _evidence("phone_differs", -1, 0, "nomor telepon berbeda", "different phone number")
NIB_SAME: Final = _evidence("nib_same", 18, 1, "NIB sama", "same NIB")
NIB_DIFFERS: Final = _evidence("nib_differs", -5, -6, "NIB berbeda", "different NIB")
EMAIL_SAME: Final = _evidence("email_same", 10, 0, "surel sama", "same e-mail")
BORN_SAME: Final = _evidence("born_same", 10, 0, "tanggal lahir sama", "same birth date")
BORN_DIFFERS: Final = _evidence("born_differs", -6, 0, "tanggal lahir berbeda", "different birth date")

NAME_SAME: Final = _evidence("name_same", 8, 7, "nama usaha sama", "same business name")
NAME_NEAR: Final = _evidence("name_near", 7, 5.5, "nama usaha hampir sama", "nearly the same business name")
NAME_PART: Final = _evidence("name_part", 3, 0, "nama usaha sebagian sama", "business name partly the same")
NAME_DIFFERS: Final = _evidence("name_differs", -6, -7, "nama usaha berbeda", "different business name")
PRODUCT_SAME: Final = _evidence("product_same", 4, 4, "produk sama", "same product")
PRODUCT_NEAR: Final = _evidence("product_near", 3, 3, "produk hampir sama", "nearly the same product")
PRODUCT_DIFFERS: Final = _evidence("product_differs", -3, -6, "produk berbeda", "different product")
KBLI_SAME: Final = _evidence("kbli_same", 3, 3, "KBLI sama", "same KBLI")
KBLI_DIFFERS: Final = _evidence("kbli_differs", -2, -3, "KBLI berbeda", "different KBLI")
VILLAGE_SAME: Final = _evidence("village_same", 5, 2, "kelurahan/desa sama", "same village")
VILLAGE_DIFFERS: Final = _evidence("village_differs", -4, -4, "kelurahan/desa berbeda", "different village")
DISTRICT_SAME: Final = _evidence("district_same", 3, 1, "kecamatan sama", "same district")
DISTRICT_DIFFERS: Final = _evidence("district_differs", -5, -5, "kecamatan berbeda", "different district")
STREET_SAME: Final = _evidence("street_same", 6, 3, "alamat sama", "same address")
STREET_NEAR: Final = _evidence("street_near", 3, 1, "alamat hampir sama", "nearly the same address")
STREET_DIFFERS: Final = _evidence("street_differs", -3, -3, "alamat berbeda", "different address")
RT_RW_SAME: Final = _evidence("rt_rw_same", 4, 2, "RT/RW sama", "same RT/RW")
RT_RW_DIFFERS: Final = _evidence("rt_rw_differs", -2, -2, "RT/RW berbeda", "different RT/RW")
FOUNDED_SAME: Final = _evidence("founded_same", 4, 4, "tahun berdiri sama", "same founding year")
FOUNDED_DIFFERS: Final = _evidence("founded_differs", -3, -3, "tahun berdiri berbeda", "different founding year")
CAPITAL_SAME: Final = _evidence("capital_same", 5, 5, "modal sama", "same capital")
CAPITAL_DIFFERS: Final = _evidence("capital_differs", -1.5, -1.5, "modal berbeda", "different capital")
SALES_SAME: Final = _evidence("sales_same", 4, 4, "omzet sama", "same sales")
WORKERS_SAME: Final = _evidence("workers_same", 1, 1, "tenaga kerja sama", "same number of workers")
WORKERS_DIFFERS: Final = _evidence("workers_differs", -1, -1, "tenaga kerja berbeda", "different number of workers")

PRIOR_STRANGER: Final = 13.0
"""Bits that a pair must bring against strangers: log2 of the 8,000 businesses of a large district."""
PRIOR_SIBLING: Final = 0.0
"""Bits against siblings: among rows of one owner, repeats are about as frequent as second businesses."""
