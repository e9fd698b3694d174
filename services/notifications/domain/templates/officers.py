"""What officers are told: in the portal's inbox, and by e-mail where they asked for copies."""

from __future__ import annotations

from typing import Final

from services.notifications.domain.templates.wording import Text, Wording

_ENTERPRISE: Final = "/api/v1/registry/enterprises/{{ enterprise }}"
_REQUEST: Final = "/api/v1/registry/person-requests/{{ params.request }}"

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
    Wording(
        template="unit-person-request-due",
        link=_REQUEST,
        id=Text(
            title="Permintaan data pribadi harus dijawab paling lambat {{ due_at | moment }}",
            body="""
Seorang pemilik usaha meminta {% if kind == "export" %}data pribadinya{% else %}penghapusan data pribadinya{% endif %}. Menurut
UU 27/2022 ia harus dijawab paling lambat {{ due_at | moment }}.

{% if missing %}Layanan yang belum menjawab: {{ missing | join(", ") }}. Hubungi operator bila ini tidak berubah dalam satu jam.
{% else %}Datanya sudah siap: unduh dan serahkan kepada pemiliknya.
{% endif %}
""",
        ),
        en=Text(
            title="A request for personal data is due by {{ due_at | moment }}",
            body="""
An owner has asked for {% if kind == "export" %}their personal data{% else %}the erasure of their personal data{% endif %}.
By UU 27/2022 they are to be answered by {{ due_at | moment }}.

{% if missing %}Services that have not answered: {{ missing | join(", ") }}. Call the operator if that stays so for an hour.
{% else %}The data is ready: download it, and hand it over to the owner.
{% endif %}
""",
        ),
    ),
    Wording(
        template="unit-person-request-overdue",
        link=_REQUEST,
        id=Text(
            title="Terlambat: permintaan data pribadi belum dijawab",
            body="""
Batas waktu {{ due_at | moment }} sudah lewat dan permintaan {% if kind == "export" %}data pribadi{% else %}penghapusan data
pribadi{% endif %} seorang pemilik usaha belum selesai (UU 27/2022).

{% if missing %}Layanan yang belum menjawab: {{ missing | join(", ") }}. Hubungi operator sekarang.
{% else %}Datanya sudah siap: unduh dan serahkan kepada pemiliknya hari ini.
{% endif %}
""",
        ),
        en=Text(
            title="Overdue: a request for personal data has not been answered",
            body="""
The deadline of {{ due_at | moment }} has passed, and an owner's request for {% if kind == "export" %}personal data{% else %}the
erasure of personal data{% endif %} is not settled (UU 27/2022).

{% if missing %}Services that have not answered: {{ missing | join(", ") }}. Call the operator now.
{% else %}The data is ready: download it, and hand it over to the owner today.
{% endif %}
""",
        ),
    ),
    Wording(
        template="unit-person-export-completed",
        link=_REQUEST,
        id=Text(
            title="Data pribadi seorang pemilik usaha siap diserahkan",
            body="""
Semua layanan sudah menjawab permintaan data pribadi seorang pemilik usaha. Unduh berkasnya dan serahkan kepada pemiliknya
paling lambat {{ due_at | moment }}. Berkas ini memuat NIK lengkap: jangan disimpan atau diteruskan.
""",
        ),
        en=Text(
            title="An owner's personal data is ready to be handed over",
            body="""
All services have answered an owner's request for personal data. Download the file and hand it over to the owner by
{{ due_at | moment }}. It holds the full NIK: don't keep it, and don't pass it on.
""",
        ),
    ),
    Wording(
        template="unit-person-erasure-completed",
        link=_REQUEST,
        id=Text(
            title="Data pribadi seorang pemilik usaha sudah dihapus",
            body="""
Semua layanan sudah menghapus data pribadi seorang pemilik usaha yang memintanya. Angka-angkanya tetap ada dalam statistik.
Beri tahu pemiliknya bahwa permintaannya sudah selesai.
""",
        ),
        en=Text(
            title="An owner's personal data has been erased",
            body="""
All services have erased the personal data of an owner who asked for it. The figures stay in the statistics. Please tell the
owner that the request is settled.
""",
        ),
    ),
)
