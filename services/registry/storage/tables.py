"""The registry's tables, as queries name them; laid by migrations/versions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

metadata = MetaData()

_KINDS: dict[str, TypeEngine[Any]] = {
    "id": Uuid(),
    "text": Text(),
    "int": Integer(),
    "big": BigInteger(),
    "real": Double(),
    "day": Date(),
    "time": DateTime(timezone=True),
    "json": JSONB(),
    "bytes": LargeBinary(),
    "yes": Boolean(),
    "texts": ARRAY(Text()),
    "ids": ARRAY(Uuid()),
    "bigs": ARRAY(BigInteger()),
}


def _table(name: str, key: str, columns: str) -> Table:
    """A table from lines of `kind: name name …`."""
    keys = key.split()
    parts = []
    for line in columns.strip().splitlines():
        kind, _, names = line.strip().partition(":")
        parts += [Column(each, _KINDS[kind], primary_key=each in keys) for each in names.split()]
    return Table(name, metadata, *parts)


unit = _table(
    "unit",
    "code",
    """text: code name address phone email timezone
    json: hours facilities consultants
    day: open_since""",
)
region = _table("region", "code", "text: code parent level name")
kbli = _table(
    "kbli",
    "version code",
    """int: version
    text: code section title""",
)

owner = _table(
    "owner",
    "id",
    """id: id import_id
    text: unit name nik_shown nik_state sex phone email
    bytes: nik_ciphertext nik_hash
    day: birth_date""",
)
"""The person behind one or several enterprises. The NIK is encrypted; `nik_hash` is keyed, for searching."""

# `import_version` is the version in which imports have left a record that they made: once `version` is another, somebody has
# changed it. Null where no import made it.
enterprise = _table(
    "enterprise",
    "id",
    """id: id merged_into owner_id measurement_id import_id
    text: unit state kind name street village district place_as_written postcode phone email nib npwp kbli products
    text: founded_precision size words
    int: version import_version rt rw kbli_version
    real: latitude longitude
    texts: channels
    day: founded
    time: registered_at updated_at""",
)
"""`version` is raised once per published event and is that event's sequence."""

measurement = _table(
    "measurement",
    "id",
    """id: id enterprise
    text: unit source size criterion by_capital by_sales rule recorded_by
    big: capital sales
    int: workers
    day: as_of
    time: recorded_at""",
)
cooperative = _table(
    "cooperative",
    "enterprise",
    """id: enterprise
    text: unit legal_number
    int: founded_members members women""",
)
rat = _table(
    "rat",
    "enterprise year",
    """id: enterprise
    text: unit
    int: year present members
    big: surplus
    day: held_on""",
)
binaan = _table(
    "binaan",
    "id",
    """id: id enterprise import_id
    text: unit by_unit reason
    day: since until""",
)
"""`by_unit` accompanied the enterprise; `unit` is where that belongs now, as everywhere."""
consent = _table(
    "consent",
    "id",
    """id: id enterprise
    text: unit purpose partner how given_by withdrawn_how withdrawn_by
    time: given_at withdrawn_at""",
)
person_request = _table(
    "person_request",
    "id",
    """id: id enterprise owner_id
    text: unit kind state how created_by closed_by
    ids: owners enterprises
    texts: awaited
    json: answers
    bytes: private_key
    time: requested_at due_at created_at warned_at overdue_at completed_at closed_at
    int: version""",
)
"""A person asks for their data (export), or for its end (erasure). `awaited` are holders that have not answered."""
merge = _table(
    "merge",
    "id",
    """id: id kept other
    text: unit reason by undone_by
    json: kept_before other_before choices
    int: kept_version
    time: at undone_at""",
)
duplicate = _table(
    "duplicate",
    "id",
    """id: id enterprise other merge_id import_id
    text: unit state decided_by
    real: score
    json: reasons
    time: found_at decided_at""",
)
access_log = _table(
    "access_log",
    "id",
    """id: id enterprise
    text: account unit what purpose
    time: at""",
)

imports = _table(
    "import",
    "id",
    """id: id job
    text: unit file name sha256 state created_by
    big: size
    yes: commit taken
    json: mapping columns outcomes kept error
    int: rows done version
    real: seconds
    time: analysed_at created_at finished_at""",
)
"""`taken`: at least one chunk of rows has been written, so the rows may not be read anew."""

import_row = _table(
    "import_row",
    "import_id number",
    """id: import_id enterprise owner candidate
    int: number row version
    text: unit sheet outcome nik_shown decision
    real: score
    big: fingerprint
    bytes: reasons record nik nik_hash
    json: before""",
)
import_mapping = _table(
    "import_mapping",
    "unit signature",
    """text: unit signature saved_by
    json: mapping
    time: saved_at""",
)
