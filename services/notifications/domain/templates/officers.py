"""What officers are told: in the portal's inbox, and by e-mail where they asked for copies."""

from __future__ import annotations

from typing import Final

from services.notifications.domain.templates.wording import Text, Wording

_ENTERPRISE: Final = "/api/v1/registry/enterprises/{{ enterprise }}"

WORDINGS: Final = (
    Wording(
        template="import-completed",
        link="/api/v1/registry/imports/{{ params.import }}",
        id=Text(
            title="Impor selesai: {{ new | number }} usaha baru",
            body="""
Impor untuk wilayah {{ unit }} selesai. Baris yang dibaca: {{ rows | number }}.

Baru: {{ new | number }}. Sudah ada: {{ same | number }}. Perlu dilihat orang: {{ review | number }}.
Rusak: {{ broken | number }}.

{% if review or broken %}Unduh laporan impor untuk melihat baris yang perlu diperiksa dan alasannya.

{% endif %}Pemilik usaha pada daftar ini tidak dikirimi surel.
""",
        ),
        en=Text(
            title="Import completed: {{ new | number }} new enterprises",
            body="""
The import for region {{ unit }} is complete. Rows that were read: {{ rows | number }}.

New: {{ new | number }}. Known already: {{ same | number }}. For a person to look at: {{ review | number }}.
Broken: {{ broken | number }}.

{% if review or broken %}Download the import's report to see which rows want looking at, and why.

{% endif %}The owners on this list were not sent any mail.
""",
        ),
    ),
    Wording(
        template="unit-enterprise-advanced",
        link=_ENTERPRISE,
        id=Text(
            title="{{ business }} naik kelas menjadi usaha {{ after | size }}",
            body="""
{{ business }} naik kelas dari usaha {{ before | size }} menjadi usaha {{ after | size }}, menurut data per {{ since | day }}.
""",
        ),
        en=Text(
            title="{{ business }} has moved up: now a {{ after | size }} enterprise",
            body="""
{{ business }} has grown from a {{ before | size }} to a {{ after | size }} enterprise, by the figures of {{ since | day }}.
""",
        ),
    ),
    Wording(
        template="unit-enterprise-arrived",
        link=_ENTERPRISE,
        id=Text(
            title="{{ business }} pindah ke wilayah Anda",
            body="""
{{ business }} dipindahkan dari wilayah {{ from_unit }} ke wilayah {{ to_unit }}. Data dan riwayatnya ikut; hubungi pemiliknya
untuk melanjutkan pendampingan.
""",
        ),
        en=Text(
            title="{{ business }} was transferred to your region",
            body="""
{{ business }} was transferred from region {{ from_unit }} to region {{ to_unit }}. Its data and history came along; please get
in touch with its owner to go on with the mentoring.
""",
        ),
    ),
    Wording(
        template="unit-enterprise-left",
        id=Text(
            title="{{ business }} pindah ke wilayah {{ to_unit }}",
            body="""
{{ business }} dipindahkan dari wilayah {{ from_unit }} ke wilayah {{ to_unit }}, dan sekarang dilayani di sana.
""",
        ),
        en=Text(
            title="{{ business }} was transferred to region {{ to_unit }}",
            body="""
{{ business }} was transferred from region {{ from_unit }} to region {{ to_unit }}, and is served there now.
""",
        ),
    ),
    Wording(
        template="unit-mail-undeliverable",
        link=_ENTERPRISE,
        id=Text(
            title="Surel kepada pemilik {{ business }} tidak sampai",
            body="""
Surel kepada pemilik {{ business }} tidak dapat disampaikan: {{ reason | reason }}

Tanyakan alamat surel yang benar kepada pemiliknya, lalu perbarui datanya.
""",
        ),
        en=Text(
            title="Mail to the owner of {{ business }} did not arrive",
            body="""
Mail to the owner of {{ business }} could not be delivered: {{ reason | reason }}

Please ask the owner for the right address, and correct the record.
""",
        ),
    ),
)
