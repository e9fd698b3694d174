"""What is written to those who have an account, about the account itself. `secret` is masked wherever it is read later."""

from __future__ import annotations

from typing import Final

from services.notifications.domain.templates.wording import Text, Wording

WORDINGS: Final = (
    Wording(
        template="invitation",
        id=Text(
            title="Undangan: akun PLUT untuk {{ name }}",
            body="""
Yth. {{ name }},

Akun PLUT sudah disiapkan untuk Anda. Pilih kata sandi Anda sendiri di sini, paling lambat {{ days }} hari lagi:

{{ link }}#{{ secret }}

Tautan ini hanya berlaku sekali dan hanya untuk Anda; jangan diteruskan. Bila Anda tidak mengenal PLUT, abaikan surel ini.
""",
        ),
        en=Text(
            title="Invitation: a PLUT account for {{ name }}",
            body="""
Dear {{ name }},

An account at PLUT is ready for you. Choose your own password here, within {{ days }} days:

{{ link }}#{{ secret }}

This link works once, and for you alone; please don't pass it on. If you don't know PLUT, ignore this mail.
""",
        ),
    ),
    Wording(
        template="password-reset",
        id=Text(
            title="Kata sandi baru untuk akun PLUT Anda",
            body="""
Yth. {{ name }},

Seseorang, mungkin Anda, meminta kata sandi baru untuk akun PLUT ini. Dalam satu jam Anda bisa memilihnya di sini:

{{ link }}#{{ secret }}

Bila bukan Anda yang meminta, abaikan surel ini: kata sandi Anda tetap seperti sekarang.
""",
        ),
        en=Text(
            title="A new password for your PLUT account",
            body="""
Dear {{ name }},

Somebody, perhaps you, asked for a new password for this PLUT account. Within an hour you can choose it here:

{{ link }}#{{ secret }}

If it wasn't you, ignore this mail: your password stays as it is.
""",
        ),
    ),
    Wording(
        template="password-changed",
        id=Text(
            title="Kata sandi akun PLUT Anda sudah diganti",
            body="""
Yth. {{ name }},

Kata sandi akun PLUT Anda baru saja diganti, dan semua sesi masuk lainnya diakhiri.

Bila bukan Anda yang menggantinya, segera minta kata sandi baru di {{ link }} dan beri tahu pengelola akun di kantor Anda.
""",
        ),
        en=Text(
            title="The password of your PLUT account was changed",
            body="""
Dear {{ name }},

The password of your PLUT account has just been changed, and all other sign-ins were ended.

If that wasn't you, ask for a new password at {{ link }} at once, and tell who administers the accounts of your office.
""",
        ),
    ),
    Wording(
        template="sign-in-code",
        id=Text(
            title="Kode masuk PLUT",
            body="{{ secret }} adalah kode masuk PLUT Anda, berlaku {{ minutes }} menit. Jangan berikan kepada siapa pun.",
        ),
        en=Text(
            title="PLUT sign-in code",
            body="{{ secret }} is your PLUT sign-in code, good for {{ minutes }} minutes. Don't give it to anybody.",
        ),
    ),
    Wording(
        template="assistance-begun",
        id=Text(
            title="Pendampingan PLUT dimulai",
            body="Dengan izin Anda, {{ helper }} kini mengurus data usaha Anda di PLUT, paling lama sampai {{ until | day }}."
            " Tidak setuju atau ingin berhenti? Hubungi {{ office }}{% if phone %} ({{ phone }}){% endif %} atau masuk di"
            " {{ link }} dengan nomor ini.",
        ),
        en=Text(
            title="PLUT assistance has begun",
            body="With your permission {{ helper }} now looks after your business's data at PLUT, at most until"
            " {{ until | day }}. You don't agree, or want it to stop? Call {{ office }}{% if phone %} ({{ phone }}){% endif %}"
            " or sign in at {{ link }} with this number.",
        ),
    ),
    Wording(
        template="assistance-ended",
        id=Text(
            title="Pendampingan PLUT berakhir",
            body="{{ helper }} tidak lagi mengurus data usaha Anda di PLUT. Ada pertanyaan? Hubungi"
            " {{ office }}{% if phone %} ({{ phone }}){% endif %}.",
        ),
        en=Text(
            title="PLUT assistance has ended",
            body="{{ helper }} no longer looks after your business's data at PLUT. Questions? Call"
            " {{ office }}{% if phone %} ({{ phone }}){% endif %}.",
        ),
    ),
    Wording(
        template="new-sign-in",
        id=Text(
            title="Masuk dari perangkat baru ke akun PLUT Anda",
            body="""
Yth. {{ name }},

Pada {{ day | day }} pukul {{ time }} UTC ada yang masuk ke akun PLUT Anda dari perangkat baru: {{ label }}, alamat
{{ address }}.

Bila itu Anda, tidak ada yang perlu dilakukan. Bila bukan, segera buat kata sandi baru di {{ link }}: semua sesi masuk berakhir.
""",
        ),
        en=Text(
            title="A new device has signed in to your PLUT account",
            body="""
Dear {{ name }},

On {{ day | day }} at {{ time }} UTC a new device signed in to your PLUT account: {{ label }}, from the address {{ address }}.

If that was you, there is nothing to do. If not, choose a new password at {{ link }} at once: all sign-ins end.
""",
        ),
    ),
    Wording(
        template="second-factor-changed",
        id=Text(
            title="Faktor kedua akun PLUT Anda berubah",
            body="""
Yth. {{ name }},

Faktor kedua akun PLUT Anda, yaitu kode dari telepon saat masuk, baru saja dipasang, diganti, atau dimatikan.

Bila itu bukan Anda, segera buat kata sandi baru di {{ link }} dan beri tahu pengelola akun di kantor Anda.
""",
        ),
        en=Text(
            title="The second factor of your PLUT account has changed",
            body="""
Dear {{ name }},

The second factor of your PLUT account, the code from a telephone when you sign in, has just been set up, replaced or
turned off.

If that wasn't you, choose a new password at {{ link }} at once, and tell who administers the accounts of your office.
""",
        ),
    ),
)
