# ruff: noqa: SIM905 - words are listed as words
"""Writes the sample files beside it: an office's workbook, a licence export, and the truth about both.

    python tests/data/make_sample_workbook.py [OUT_DIR]

Everybody in these files is invented. The same code and seed always write the same rows.
"""

import csv
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

HERE = Path(__file__).resolve().parent
SEED = 20_260_102
BUSINESSES = 268
REPEATS = 32
LICENSED = 80

WOMEN = (
    "Rosnah Maimunah Yulia Desi Erna Nuraini Hartati Sumiati Zubaidah Melati Kamariah Wulan Jamilah Ririn Tengku"
).split()
MEN = (
    "Azhar Bahtiar Darmawan Efendi Hamzah Jefri Marwan Nazaruddin Rustam Suhaimi Tarmizi Wirawan Zamri Robert"
).split()
FAMILY = "Siahaan Batubara Marpaung Hamid Rasyid Abdullah Sihombing Zebua Gultom Mansur Yahya Idris Silalahi".split()
GOODS = [
    ("10750", "Lakse goreng"), ("10710", "Bingka bakar"), ("10779", "Sambal belacan"), ("10799", "Keripik pisang"),
    ("10219", "Kerupuk atom"), ("56102", "Mie lendir"), ("56304", "Kedai kopi"), ("10761", "Teh tarik bubuk"),
    ("14120", "Baju kurung"), ("13133", "Batik laut"), ("32903", "Miniatur perahu"), ("47112", "Kedai runcit"),
    ("96100", "Jasa setrika"), ("95320", "Tambal ban"), ("01138", "Sayur hidroponik"), ("03211", "Keramba kakap"),
]  # fmt: skip
NAMES = ("Kedai {first}", "{product} {family}", "CV {family} Bersaudara", "{first} Mandiri", "Pondok {product}",
         "UD. {family} Sejahtera", "Rumah {product} Mak {first}", "Sentra {family}")  # fmt: skip
MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()

EXPORT_HEADER = (
    "NIB", "Tanggal Terbit", "Nama Pelaku Usaha", "Nama Usaha", "KBLI", "Uraian KBLI", "Alamat Usaha", "Kelurahan",
    "Kecamatan", "No Telp",
)  # fmt: skip


@dataclass(frozen=True)
class Firm:
    """A business as it really is."""

    number: int
    owner_number: int
    owner: str
    female: bool
    nik: str
    phone: str
    name: str
    kbli: str
    product: str
    street: str
    village: tuple[str, str]
    district: tuple[str, str]
    year: int
    capital: int
    sales: int
    staff: int
    nib: str | None


def regions() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Districts and villages of Batam as (code, name)."""
    with (HERE / "batam-regions.csv").open(encoding="utf-8") as file:
        rows = [(row["code"], row["name"]) for row in csv.DictReader(file)]
    return [row for row in rows if len(row[0]) == 8], [row for row in rows if len(row[0]) > 8]


def firms(rng: random.Random) -> list[Firm]:
    """The businesses; one owner in ten has two."""
    districts, villages = regions()
    made: list[Firm] = []
    for number in range(BUSINESSES):
        village = rng.choice(villages)
        district = next(row for row in districts if village[0].startswith(row[0]))
        if made and rng.random() < 0.1:
            like = rng.choice(made)
            owner = (like.owner_number, like.owner, like.female, like.nik, like.phone)
        else:
            female = rng.random() < 0.6
            name = f"{rng.choice(WOMEN if female else MEN)} {rng.choice(WOMEN + MEN)} {rng.choice(FAMILY)}"
            day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(60, 99)
            place = rng.choice(districts)[0].replace(".", "")
            nik = f"{place}{day + 40 * female:02}{month:02}{year:02}{number + 1:04}"
            phone = f"8{rng.choice(('12', '23', '36', '64'))}{rng.randint(10**7, 10**8 - 1)}"
            owner = (number, name, female, nik, phone)
        kbli, product = rng.choice(GOODS)
        first, family = owner[1].split()[0], owner[1].split()[-1]
        sales = rng.choice((6, 12, 24, 36, 60, 90, 180, 420, 960, 2_400)) * 1_000_000 + rng.randrange(12) * 600_000
        made.append(
            Firm(
                number,
                *owner,
                rng.choice(NAMES).format(first=first, family=family, product=product),
                kbli,
                product,
                f"{rng.choice(('Jl. Hang Tuah', 'Perum Bida Asri', 'Komp. Ruko Penuin', 'Jl. Teluk Air'))}"
                f" No. {rng.randint(1, 180)} RT {rng.randint(1, 9):02}/RW {rng.randint(1, 15):02}",
                village,
                district,
                rng.randint(2008, 2025),
                sales // 4 // 100_000 * 100_000,
                sales,
                rng.randint(1, 7),
                f"{rng.randint(10**12, 10**13 - 1)}" if rng.random() < 0.4 else None,
            )
        )
    return made


def misspelt(rng: random.Random, text: str) -> str:
    """One typing error, not in the first letter."""
    place = rng.randrange(2, len(text) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    if kind == 2:
        return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
    return text.replace(" ", "", 1)


def repeated(rng: random.Random, firm: Firm) -> Firm:
    """The same business as somebody else typed it in another year."""
    again = firm
    if rng.random() < 0.6:
        again = replace(again, name=misspelt(rng, firm.name))
    if rng.random() < 0.3:
        again = replace(again, owner=rng.choice((firm.owner.upper(), "Ibu " + firm.owner, misspelt(rng, firm.owner))))
    if rng.random() < 0.3:
        again = replace(again, phone=f"852{rng.randint(10**7, 10**8 - 1)}")
    if rng.random() < 0.3:
        again = replace(again, nik="")
    if rng.random() < 0.4:
        again = replace(again, sales=firm.sales + 600_000 * rng.randint(1, 9))
    return again


def money(rng: random.Random, amount: int) -> int | str:
    """An amount as one of many people types it."""
    dots = f"{amount:,}".replace(",", ".")
    forms: list[int | str] = [amount, dots, f"Rp. {dots},-", f"Rp {dots}", f"Rp{dots},00"]
    if amount % 100_000 == 0:
        forms.append(f"{amount / 10**6:g}".replace(".", ",") + " juta")
    if amount % 1_200_000 == 0:
        forms.append(f"{amount / 12 / 10**6:g}".replace(".", ",") + "jt/bln")
    return rng.choice(forms)


def nik_cell(rng: random.Random, nik: str) -> str | float | None:
    """A NIK as spreadsheets keep it, or spoil it."""
    if not nik:
        return None
    luck = rng.random()
    if luck < 0.03:
        return float(nik[:6] + "0" * 10)
    if luck < 0.05:
        return nik[:-1]
    if luck < 0.10:
        return "'" + nik
    return " ".join((nik[:6], nik[6:12], nik[12:])) if luck < 0.15 else nik


def write_workbook(rng: random.Random, rows: list[Firm], path: Path) -> list[int]:
    """The office's workbook; gives the sheet's row of each entry."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Data UMKM"
    sheet.append(["REKAP DATA PELAKU USAHA MIKRO KOTA BATAM"])
    sheet.append(["Keadaan 2 Januari 2026"])
    sheet.append([])
    sheet.append(
        [
            "No",
            "Pelaku Usaha",
            None,
            None,
            None,
            "Usaha",
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            "NIB",
            "Ket",
        ]
    )
    sheet.append([
        None, "Nama Lengkap", "NIK", "L/P", "No. WA", "Nama", "Produk", "KBLI", "Alamat", "Kel.", "Kec.", "Mulai Usaha",
        "Modal", "Omzet setahun", "Tenaga Kerja", None, None,
    ])  # fmt: skip
    for area in ("A1:Q1", "A2:Q2", "B4:E4", "F4:O4"):
        sheet.merge_cells(area)
    for cell in sheet[4] + sheet[5]:
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
    places: list[int] = []
    for number, firm in enumerate(rows, start=1):
        phone = rng.choice(
            (f"0{firm.phone}", f"+62 {firm.phone[:3]}-{firm.phone[3:7]}-{firm.phone[7:]}", f"62{firm.phone}")
        )
        district = rng.choice((firm.district[1],) * 6 + (firm.district[1].upper(), "Kec. " + firm.district[1]))
        village = rng.choice((firm.village[1],) * 6 + (firm.village[1].upper(), misspelt(rng, firm.village[1])))
        begun = rng.choice(
            (firm.year, str(firm.year), f"{rng.choice(MONTHS)} {firm.year}", f"5/{rng.randint(1, 12)}/{firm.year}")
        )
        sheet.append([
            number, firm.owner, nik_cell(rng, firm.nik), "P" if firm.female else "L",
            phone if rng.random() > 0.04 else rng.choice(("-", None, "tidak ada")), firm.name, firm.product,
            rng.choice((firm.kbli, int(firm.kbli), None)), firm.street, village, district, begun,
            money(rng, firm.capital), money(rng, firm.sales) if rng.random() > 0.04 else "tidak tentu",
            rng.choice((firm.staff, f"{firm.staff} org")),
            rng.choice((firm.nib, f"NIB: {firm.nib}")) if firm.nib else rng.choice(("-", "Proses", None)),
            rng.choice((None, None, None, "binaan")),
        ])  # fmt: skip
        places.append(sheet.max_row)
    sheet.append([])
    sheet.append([None, "Jumlah", len(rows)])
    sheet.append([None] * 11 + ["Batam, 2 Januari 2026"])
    sheet.append([None] * 11 + ["Kepala Bidang"])
    book.save(path)
    return places


def write_export(rng: random.Random, rows: list[Firm], path: Path) -> None:
    """The licence export: semicolons, a byte order mark, capitals."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(EXPORT_HEADER)
        for firm in rows:
            name = firm.name if rng.random() < 0.7 else misspelt(rng, firm.name)
            writer.writerow([
                firm.nib, f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/2025", firm.owner.upper(), name.upper(), firm.kbli,
                firm.product.upper(), firm.street.partition(" RT ")[0].upper(), firm.village[1].upper(),
                firm.district[1].upper(), f"62{firm.phone}" if rng.random() < 0.8 else "",
            ])  # fmt: skip


def main(out: Path) -> None:
    """Writes sample-umkm-300.xlsx, sample-oss-80.csv and sample-truth.csv."""
    rng = random.Random(SEED)  # noqa: S311 - invented people, nothing secret
    known = firms(rng)
    rows = list(known)
    for _ in range(REPEATS):
        source = rng.choice(known)
        rows.insert(rng.randint(rows.index(source) + 1, len(rows)), repeated(rng, source))
    places = write_workbook(rng, rows, out / "sample-umkm-300.xlsx")
    truth = [
        ("sample-umkm-300.xlsx", place, firm.number, firm.owner_number, "Data UMKM")
        for place, firm in zip(places, rows, strict=True)
    ]
    licensed = rng.sample([firm for firm in known if firm.nib], LICENSED)
    write_export(rng, licensed, out / "sample-oss-80.csv")
    truth += [
        ("sample-oss-80.csv", row, firm.number, firm.owner_number, "") for row, firm in enumerate(licensed, start=2)
    ]
    with (out / "sample-truth.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "row", "entity", "owner", "sheet"])
        writer.writerows(truth)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
