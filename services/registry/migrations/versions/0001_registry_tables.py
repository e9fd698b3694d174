"""The registry's tables as they were first laid."""

from __future__ import annotations

from alembic import op

revision = "registry_0001"
down_revision = None
branch_labels = None
depends_on = None

# Codes are compared byte by byte (collation "C"): a scope is then a range of the index.
REFERENCE = """
CREATE TABLE unit (
    code        text COLLATE "C" PRIMARY KEY,
    name        text NOT NULL,
    address     text,
    phone       text,
    email       text,
    hours       jsonb NOT NULL DEFAULT '{}',
    facilities  jsonb NOT NULL DEFAULT '[]',
    consultants jsonb NOT NULL DEFAULT '{}',
    timezone    text NOT NULL DEFAULT 'Asia/Jakarta',
    open_since  date
);

CREATE TABLE region (
    code   text COLLATE "C" PRIMARY KEY,
    parent text COLLATE "C",
    level  text NOT NULL CHECK (level IN ('province', 'regency', 'district', 'village')),
    name   text NOT NULL
);
CREATE INDEX region_children ON region (parent, code);
CREATE INDEX region_name ON region (lower(name) text_pattern_ops);

CREATE TABLE kbli (
    version integer NOT NULL,
    code    text COLLATE "C" NOT NULL,
    section text COLLATE "C",
    title   text NOT NULL,
    PRIMARY KEY (version, code)
);
"""

ENTERPRISES = """
CREATE TABLE owner (
    id             uuid PRIMARY KEY,
    unit           text COLLATE "C" NOT NULL,
    name           text NOT NULL,
    nik_ciphertext bytea,
    nik_hash       bytea,
    nik_shown      text,
    nik_state      text NOT NULL DEFAULT 'missing' CHECK (nik_state IN ('known', 'unknown', 'missing')),
    sex            text CHECK (sex IN ('female', 'male')),
    birth_date     date,
    phone          text,
    email          text,
    import_id      uuid
);
CREATE INDEX owner_nik ON owner (nik_hash) WHERE nik_hash IS NOT NULL;
CREATE INDEX owner_phone ON owner (phone) WHERE phone IS NOT NULL;

CREATE TABLE enterprise (
    id                uuid PRIMARY KEY,
    unit              text COLLATE "C" NOT NULL,
    version           integer NOT NULL,
    state             text NOT NULL CHECK (state IN ('active', 'closed', 'merged')),
    merged_into       uuid,
    kind              text NOT NULL,
    name              text NOT NULL,
    owner_id          uuid NOT NULL REFERENCES owner,
    street            text,
    rt                integer,
    rw                integer,
    village           text COLLATE "C",
    district          text COLLATE "C",
    place_as_written  text,
    postcode          text,
    latitude          double precision,
    longitude         double precision,
    phone             text,
    email             text,
    nib               text COLLATE "C",
    npwp              text COLLATE "C",
    kbli              text COLLATE "C",
    kbli_version      integer,
    products          text,
    channels          text[] NOT NULL DEFAULT '{}',
    founded           date,
    founded_precision text,
    size              text,
    measurement_id    uuid,
    import_id         uuid,
    registered_at     timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL
);
CREATE INDEX enterprise_unit ON enterprise (unit, id);
CREATE INDEX enterprise_owner ON enterprise (owner_id);
CREATE INDEX enterprise_nib ON enterprise (nib) WHERE nib IS NOT NULL;
CREATE INDEX enterprise_phone ON enterprise (phone) WHERE phone IS NOT NULL;
CREATE INDEX enterprise_merged ON enterprise (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE measurement (
    id          uuid PRIMARY KEY,
    enterprise  uuid NOT NULL,
    unit        text COLLATE "C" NOT NULL,
    capital     bigint CHECK (capital >= 0),
    sales       bigint CHECK (sales >= 0),
    workers     integer CHECK (workers >= 0),
    as_of       date NOT NULL,
    source      text NOT NULL,
    size        text,
    criterion   text,
    by_capital  text,
    by_sales    text,
    rule        text,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL
);
CREATE INDEX measurement_enterprise ON measurement (enterprise, as_of);

CREATE TABLE cooperative (
    enterprise      uuid PRIMARY KEY REFERENCES enterprise ON DELETE CASCADE,
    unit            text COLLATE "C" NOT NULL,
    legal_number    text,
    founded_members integer,
    members         integer,
    women           integer
);

CREATE TABLE rat (
    enterprise uuid NOT NULL REFERENCES cooperative ON DELETE CASCADE,
    year       integer NOT NULL,
    unit       text COLLATE "C" NOT NULL,
    held_on    date NOT NULL,
    present    integer,
    members    integer,
    surplus    bigint,
    PRIMARY KEY (enterprise, year)
);
"""

RELATIONS = """
CREATE TABLE binaan (
    id         uuid PRIMARY KEY,
    enterprise uuid NOT NULL,
    unit       text COLLATE "C" NOT NULL,
    since      date,
    until      date,
    reason     text,
    import_id  uuid
);
CREATE UNIQUE INDEX binaan_now ON binaan (enterprise) WHERE until IS NULL;
CREATE INDEX binaan_ever ON binaan (enterprise, since);

CREATE TABLE consent (
    id            uuid PRIMARY KEY,
    enterprise    uuid NOT NULL,
    unit          text COLLATE "C" NOT NULL,
    purpose       text NOT NULL,
    partner       text,
    how           text NOT NULL,
    given_at      timestamptz NOT NULL,
    given_by      text NOT NULL,
    withdrawn_at  timestamptz,
    withdrawn_how text,
    withdrawn_by  text
);
CREATE INDEX consent_enterprise ON consent (enterprise, given_at);
-- one that holds per purpose and partner
CREATE UNIQUE INDEX consent_now ON consent (enterprise, purpose, coalesce(partner, '')) WHERE withdrawn_at IS NULL;

CREATE TABLE merge (
    id           uuid PRIMARY KEY,
    unit         text COLLATE "C" NOT NULL,
    kept         uuid NOT NULL,
    other        uuid NOT NULL,
    kept_before  jsonb NOT NULL,
    other_before jsonb NOT NULL,
    choices      jsonb NOT NULL,
    kept_version integer NOT NULL,
    reason       text,
    by           text NOT NULL,
    at           timestamptz NOT NULL,
    undone_at    timestamptz,
    undone_by    text
);
CREATE INDEX merge_kept ON merge (kept);
CREATE INDEX merge_other ON merge (other);
CREATE INDEX merge_unit ON merge (unit, id);

CREATE TABLE duplicate (
    id         uuid PRIMARY KEY,
    unit       text COLLATE "C" NOT NULL,
    enterprise uuid NOT NULL,
    other      uuid NOT NULL,
    score      double precision NOT NULL,
    reasons    jsonb NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'different', 'merged')),
    merge_id   uuid,
    import_id  uuid,
    found_at   timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz
);
CREATE UNIQUE INDEX duplicate_pair ON duplicate (enterprise, other);
CREATE INDEX duplicate_other ON duplicate (other);
CREATE INDEX duplicate_open ON duplicate (unit, score DESC, id) WHERE state = 'open';

CREATE TABLE access_log (
    id         uuid PRIMARY KEY,
    at         timestamptz NOT NULL,
    account    text NOT NULL,
    enterprise uuid NOT NULL,
    unit       text COLLATE "C" NOT NULL,
    what       text NOT NULL,
    purpose    text NOT NULL
);
CREATE INDEX access_log_unit ON access_log (unit, id);
CREATE INDEX access_log_enterprise ON access_log (enterprise, id);
"""

IMPORTS = """
CREATE TABLE import (
    id           uuid PRIMARY KEY,
    unit         text COLLATE "C" NOT NULL,
    job          uuid NOT NULL,
    file         text NOT NULL,
    name         text NOT NULL,
    sha256       text NOT NULL,
    size         bigint NOT NULL,
    state        text NOT NULL,
    commit       boolean NOT NULL,
    mapping      jsonb,
    columns      jsonb,
    outcomes     jsonb NOT NULL DEFAULT '{"new": 0, "same": 0, "review": 0, "broken": 0}',
    rows         integer NOT NULL DEFAULT 0,
    done         integer NOT NULL DEFAULT 0,
    analysed_at  timestamptz,
    taken        boolean NOT NULL DEFAULT false,
    seconds      double precision NOT NULL DEFAULT 0,
    kept         jsonb NOT NULL DEFAULT '[]',
    error        jsonb,
    version      integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    created_by   text NOT NULL,
    finished_at  timestamptz
);
CREATE INDEX import_unit ON import (unit, id);
CREATE INDEX import_job ON import (job);
-- one unfinished import per file and unit: calling again goes on with it
CREATE UNIQUE INDEX import_unfinished ON import (unit, sha256)
    WHERE state IN ('reading', 'preview', 'committing', 'stopped');

CREATE TABLE import_row (
    import_id   uuid NOT NULL,
    number      integer NOT NULL,
    unit        text COLLATE "C" NOT NULL,
    sheet       text NOT NULL,
    row         integer NOT NULL,
    outcome     text NOT NULL,
    enterprise  uuid,
    owner       uuid,
    candidate   uuid,
    score       double precision,
    fingerprint bigint NOT NULL,
    reasons     bytea NOT NULL,
    record      bytea,
    nik         bytea,
    nik_hash    bytea,
    nik_shown   text,
    decision    text,
    version     integer,
    before      jsonb,
    PRIMARY KEY (import_id, number)
);

CREATE TABLE import_mapping (
    unit      text COLLATE "C" NOT NULL,
    signature text NOT NULL,
    mapping   jsonb NOT NULL,
    saved_at  timestamptz NOT NULL,
    saved_by  text NOT NULL,
    PRIMARY KEY (unit, signature)
);
"""

# How a search finds "Dapur Siti" by "dapr sitti" among a million: see storage/search_index.py.
SEARCH = """
CREATE SEQUENCE search_block_number AS integer;
CREATE TABLE search_block (
    block   integer PRIMARY KEY,
    unit    text COLLATE "C" NOT NULL,
    entries integer NOT NULL
);
CREATE INDEX search_block_unit ON search_block (unit, block);

CREATE TABLE search_variant (
    variant bigint NOT NULL,
    term    text COLLATE "C" NOT NULL,
    PRIMARY KEY (variant, term)
);

CREATE TABLE search_place (
    term  bigint NOT NULL,
    block integer NOT NULL,
    PRIMARY KEY (term, block)
);

CREATE TABLE search_entry (
    enterprise uuid PRIMARY KEY,
    unit       text COLLATE "C" NOT NULL,
    words      text NOT NULL,
    keys       bigint[] NOT NULL
);
CREATE INDEX search_entry_keys ON search_entry USING gin (keys);
"""


def upgrade() -> None:
    """Make the tables of `services.registry.storage.tables`."""
    for statements in (REFERENCE, ENTERPRISES, RELATIONS, IMPORTS, SEARCH):
        op.execute(statements)


def downgrade() -> None:
    """Remove them."""
    op.execute(
        "DROP TABLE unit, region, kbli, rat, cooperative, measurement, enterprise, owner, binaan, consent, merge,"
        " duplicate, access_log, import, import_row, import_mapping, search_block, search_variant, search_place,"
        " search_entry; DROP SEQUENCE search_block_number"
    )
