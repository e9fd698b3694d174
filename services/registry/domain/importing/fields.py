"""The facts that a column can hold, and the words by which offices call them.

A header is recognised by its words, in any order and with typing errors: the first rule that holds names the field.
Rules stand from the particular to the general: "Nama Pelaku Usaha" is the owner although it says "usaha".
"""

from typing import Final, Literal, get_args

Field = Literal[
    "name", "owner_name", "nik", "sex", "born", "phone", "email", "street", "rt", "rw", "rt_rw", "village", "district",
    "product", "kbli", "founded", "age_years", "capital", "sales", "workers", "workers_male", "workers_female",
    "nib", "npwp", "pirt", "halal", "merek", "notes", "ignore",
]  # fmt: skip
FIELDS: Final[tuple[Field, ...]] = get_args(Field)


class Rule:
    """A field, the words of which one must be there (`any_of`), must all be there (`all_of`), may not (`none_of`)."""

    __slots__ = ("all_of", "any_of", "field", "none_of")

    def __init__(self, field: Field, any_of: str, all_of: str = "", none_of: str = "") -> None:
        self.field: Field = field
        self.any_of = frozenset(any_of.split())
        self.all_of = frozenset(all_of.split())
        self.none_of = frozenset(none_of.split())

    def holds(self, words: frozenset[str]) -> bool:
        """Whether a header of these words means this field."""
        return bool(self.any_of & words) and self.all_of <= words and not self.none_of & words


_OWNER: Final = "pemilik pelaku pengusaha pemohon penanggung pengurus ketua direktur pimpinan"

RULES: Final = (
    Rule("ignore", "foto scan lampiran file link koordinat latitude longitude"),
    Rule("email", "email surel mail gmail"),
    Rule("owner_name", "nama", all_of="ktp", none_of="usaha alamat"),
    Rule("ignore", "alamat", all_of="ktp"),
    Rule("ignore", "alamat", all_of="rumah"),
    Rule("ignore", "alamat tinggal domisili", none_of=f"usaha {'toko tempat kantor'}", all_of="pemilik"),
    Rule("ignore", "kk", none_of="nik"),
    Rule("ignore", "tanggal tgl terbit", all_of="terbit"),
    Rule("ignore", "tanggal tgl", none_of="lahir berdiri pendirian mulai usaha dirikan operasi"),
    Rule("nik", "nik ktp nomorindukkependudukan"),
    Rule("nik", "kependudukan", all_of="induk"),
    Rule("nib", "nib"),
    Rule("nib", "berusaha", all_of="induk"),
    Rule("npwp", "npwp"),
    Rule("pirt", "pirt spirt irt"),
    Rule("halal", "halal"),
    Rule("merek", "merek merk hki haki hak", none_of="nama"),
    Rule("ignore", "bpom sni bpjs haccp"),
    Rule("phone", "hp telp tlp telepon telpon wa whatsapp handphone ponsel kontak nohp hape phone seluler"),
    Rule("born", "lahir ttl", none_of="tempat"),
    Rule("born", "ttl"),
    Rule("born", "tanggal tgl", all_of="lahir"),
    Rule("ignore", "lahir"),
    Rule("workers_male", "l laki pria lk", all_of="kerja"),
    Rule("workers_female", "p perempuan wanita pr", all_of="kerja"),
    Rule("workers_male", "l laki pria lk", all_of="tk"),
    Rule("workers_female", "p perempuan wanita pr", all_of="tk"),
    Rule("sex", "kelamin gender jk lp pl sex"),
    Rule("sex", "l", all_of="p"),
    Rule("workers", "karyawan pegawai pekerja tk naker buruh"),
    Rule("workers", "tenaga", all_of="kerja"),
    Rule("product", "uraian judul deskripsi", all_of="kbli"),
    Rule("kbli", "kbli klui"),
    Rule("ignore", "skala klasifikasi kriteria", none_of="nama"),
    Rule("ignore", "bentuk badan", none_of="nama alamat"),
    Rule("sales", "omzet omset penjualan pendapatan penghasilan pemasukan"),
    Rule("capital", "modal aset asset kekayaan investasi"),
    Rule("age_years", "lama", all_of="usaha"),
    Rule("founded", "berdiri pendirian didirikan dirikan berdirinya"),
    Rule("founded", "mulai", none_of="jam"),
    Rule("founded", "tahun thn", all_of="usaha"),
    Rule("village", "kelurahan kel desa nagari gampong kampung"),
    Rule("district", "kecamatan kec distrik"),
    Rule("street", "jalan jl jln"),
    Rule("street", "alamat lokasi"),
    Rule("rt_rw", "rt", all_of="rw"),
    Rule("rt", "rt"),
    Rule("rw", "rw"),
    Rule("ignore", "kabupaten kota kab provinsi prov pos"),
    Rule("owner_name", _OWNER, none_of="jenis jumlah"),
    Rule("name", "usaha umkm ukm toko perusahaan brand merek merk kelompok badan warung ikm", all_of="nama"),
    Rule("owner_name", "nama", none_of="produk barang komoditas kbli"),
    Rule("product", "produk product jenis bidang sektor komoditas komoditi kegiatan barang usahanya"),
    Rule("name", "usaha umkm ukm perusahaan", none_of="jumlah jml total no nomor kode"),
    Rule("notes", "ket keterangan catatan"),
    Rule("ignore", "no nomor urut nourut status"),
)

PRODUCT_RANK: Final = ("produk", "product", "uraian", "jenis", "komoditas", "komoditi", "kegiatan", "bidang", "sektor")
"""Of several columns that say what is made, the one with the earliest of these words is read."""

VOCABULARY: Final = frozenset().union(*(rule.any_of | rule.all_of | rule.none_of for rule in RULES))
