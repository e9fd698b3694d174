"""What owners are written. Plain words, no promises that only an office can keep, and always what to do if it is wrong."""

from __future__ import annotations

from typing import Final

from services.notifications.domain.templates.wording import Text, Wording

WORDINGS: Final = (
    Wording(
        template="enterprise-registered",
        id=Text(
            title="{{ business }} terdaftar di PLUT",
            body="""
Yth. {{ person }},

Usaha Anda, {{ business }}, sudah terdaftar di PLUT (Pusat Layanan Usaha Terpadu). Pendaftaran ini gratis.

Mulai sekarang Anda bisa meminta pendampingan: perizinan, produksi, pembiayaan, pemasaran, dan pelatihan. Kami memberi
tahu Anda lewat surel ini bila ada perubahan pada data usaha Anda.

Bila Anda tidak pernah mendaftarkan usaha ini, sampaikan kepada kantor PLUT terdekat agar datanya diperbaiki atau dihapus.
""",
        ),
        en=Text(
            title="{{ business }} is registered with PLUT",
            body="""
Dear {{ person }},

Your business, {{ business }}, is now registered with PLUT, the integrated business service centre. Registration is free.

From now on you can ask for help: licences, production, finance, marketing, and training. We will tell you by this e-mail
when something about your business's data changes.

If you never registered this business, please tell the nearest PLUT office, so that the record is corrected or removed.
""",
        ),
    ),
    Wording(
        template="enterprise-updated",
        id=Text(
            title="Data {{ business }} diperbarui",
            body="""
Yth. {{ person }},

Data usaha Anda, {{ business }}, baru saja diperbarui. Yang berubah: {{ fields | field_names }}.

Bila Anda tidak mengetahui perubahan ini, hubungi kantor PLUT tempat Anda dilayani.
""",
        ),
        en=Text(
            title="The data of {{ business }} was changed",
            body="""
Dear {{ person }},

The data of your business, {{ business }}, has just been changed. What changed: {{ fields | field_names }}.

If you don't know of this change, please get in touch with the PLUT office that serves you.
""",
        ),
    ),
    Wording(
        template="address-changed",
        id=Text(
            title="Alamat surel {{ business }} diganti",
            body="""
Yth. {{ person }},

Alamat surel untuk usaha {{ business }} baru saja diganti. Mulai sekarang pemberitahuan tidak lagi dikirim ke alamat ini.

Bila Anda tidak meminta perubahan ini, segera hubungi kantor PLUT tempat Anda dilayani.
""",
        ),
        en=Text(
            title="The e-mail address of {{ business }} was changed",
            body="""
Dear {{ person }},

The e-mail address for {{ business }} has just been changed. From now on nothing is sent to this address any more.

If you did not ask for this, please get in touch with the PLUT office that serves you at once.
""",
        ),
    ),
    Wording(
        template="phone-changed",
        id=Text(
            title="Nomor telepon {{ business }} diganti",
            body="""
PLUT: nomor telepon pemilik {{ business }} baru saja diganti, dan nomor ini tidak lagi dipakai untuk masuk. Bukan Anda yang
meminta? Segera hubungi kantor PLUT.
""",
        ),
        en=Text(
            title="The phone number of {{ business }} was changed",
            body="""
PLUT: the phone number of the owner of {{ business }} was changed just now, and this number no longer signs in. Not you? Call
your PLUT office at once.
""",
        ),
    ),
    Wording(
        template="enterprise-advanced",
        id=Text(
            title="Selamat, {{ business }} naik kelas",
            body="""
Yth. {{ person }},

Selamat! Usaha Anda, {{ business }}, naik kelas dari usaha {{ before | size }} menjadi usaha {{ after | size }}, menurut
data per {{ since | day }} (PP 7/2021 pasal 35).

Kelas yang baru membuka pembiayaan dan pasar yang lain, dan dapat mengubah kewajiban perizinan. Kantor PLUT siap membantu
Anda menyiapkannya.
""",
        ),
        en=Text(
            title="Congratulations, {{ business }} has moved up a class",
            body="""
Dear {{ person }},

Congratulations! Your business, {{ business }}, has grown from a {{ before | size }} to a {{ after | size }} enterprise,
by the figures of {{ since | day }} (PP 7/2021, article 35).

The new class opens other finance and other markets, and may change which licences are needed. The PLUT office is ready to
help you prepare.
""",
        ),
    ),
    Wording(
        template="enterprise-merged",
        id=Text(
            title="Dua catatan {{ business }} digabung",
            body="""
Yth. {{ person }},

Usaha Anda tercatat dua kali, sebagai {{ business }} dan {{ other_business }}. Kedua catatan itu sekarang digabung menjadi
satu: {{ business }}. Tidak ada data yang hilang.

Bila keduanya memang dua usaha yang berbeda, sampaikan kepada kantor PLUT: penggabungan dapat dibatalkan.
""",
        ),
        en=Text(
            title="Two records of {{ business }} were put together",
            body="""
Dear {{ person }},

Your business was on record twice, as {{ business }} and as {{ other_business }}. The two records are now one:
{{ business }}. Nothing has been lost.

If they really are two businesses, please tell the PLUT office: this can be undone.
""",
        ),
    ),
    Wording(
        template="enterprise-unmerged",
        id=Text(
            title="Penggabungan catatan {{ business }} dibatalkan",
            body="""
Yth. {{ person }},

Catatan {{ business }} dan {{ other_business }} yang sempat digabung sudah dipisahkan lagi, masing-masing seperti semula.
""",
        ),
        en=Text(
            title="The records of {{ business }} were separated again",
            body="""
Dear {{ person }},

The records of {{ business }} and {{ other_business }}, which had been put together, are separate again, each as it was.
""",
        ),
    ),
    Wording(
        template="enterprise-transferred",
        id=Text(
            title="{{ business }} kini dilayani kantor PLUT lain",
            body="""
Yth. {{ person }},

Usaha Anda, {{ business }}, kini dilayani kantor PLUT wilayah {{ to_unit }} (sebelumnya {{ from_unit }}). Data dan riwayat
pendampingan Anda ikut berpindah; Anda tidak perlu mendaftar lagi.

Bila perpindahan ini keliru, sampaikan kepada salah satu dari kedua kantor itu.
""",
        ),
        en=Text(
            title="{{ business }} is now served by another PLUT office",
            body="""
Dear {{ person }},

Your business, {{ business }}, is now served by the PLUT office of region {{ to_unit }} (before: {{ from_unit }}). Your data
and the history of your mentoring have moved along; there is no need to register again.

If this is a mistake, please tell either of the two offices.
""",
        ),
    ),
)
