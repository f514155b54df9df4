-- Records live in one table a kind (`k_customer`), made when the kind is installed: see store/schema.rs.
-- Moments are UTC milliseconds, bodies JSON text.

-- Facts in commit order. `seq` has no gaps: the committer gives it out inside the transaction.
create table event (
    seq         integer primary key,
    kind        text not null,
    at          integer not null,
    org         text not null,
    subject     text,
    actor       text not null,
    cause       integer,
    depth       integer not null,
    record_kind text,
    record_id   text,
    record_rev  integer,
    data        text not null
) strict;
-- A timeline is one range of this index.
create index event_subject on event (subject, seq) where subject is not null;
create index event_record on event (record_kind, record_id, seq) where record_id is not null;

-- What each revision changed: {"field":[old,new]}. Values live here and in the record alone.
create table revision (
    kind    text not null,
    id      text not null,
    rev     integer not null,
    at      integer not null,
    seq     integer not null,
    actor   text not null,
    changes text not null,
    primary key (kind, id, rev)
) strict, without rowid;

-- Who a record was merged into is read through here; ids never dangle.
create table alias (
    kind text not null,
    id   text not null,
    into_id text not null,
    primary key (kind, id)
) strict, without rowid;

create table counter (
    name  text primary key,
    value integer not null
) strict, without rowid;

-- One cursor a lane; it moves in the transaction that holds the effects of the event it passes.
create table lane (
    subscription text not null,
    lane         integer not null,
    seq          integer not null,
    primary key (subscription, lane)
) strict, without rowid;

-- Deliveries put aside, and with them every later event of the same subject.
create table parked (
    subscription text not null,
    seq          integer not null,
    subject      text,
    org          text not null,
    fault        text not null,
    attempts     integer not null,
    parked_at    integer not null,
    -- The one that failed, or one that waits behind it.
    is_head      integer not null,
    primary key (subscription, seq)
) strict, without rowid;
create index parked_subject on parked (subscription, subject, seq);

create table timer (
    owner   text not null,
    org     text not null,
    key     text not null,
    due_at  integer not null,
    subject text,
    data    text not null,
    depth   integer not null,
    primary key (owner, org, key)
) strict, without rowid;
create index timer_due on timer (due_at);

create table receipt (
    id   text primary key,
    at   integer not null,
    org  text not null,
    body text not null
) strict, without rowid;
create table receipt_use (
    kind    text not null,
    id      text not null,
    rev     integer not null,
    field   text not null,
    receipt text not null,
    primary key (kind, id, rev, field)
) strict, without rowid;

-- Grams of searchable fields; the record's own text decides in the end, see store/search.rs.
create table search_row (
    rowid integer primary key,
    kind  text not null,
    id    text not null,
    org   text not null,
    unique (kind, id)
) strict;
create virtual table search_gram using fts5 (grams, content = '', contentless_delete = 1, detail = none);

create table secret (
    user text primary key,
    hash text not null
) strict, without rowid;

-- Tokens are stored as SHA-256 alone.
create table session (
    digest     text primary key,
    id         text not null unique,
    user       text not null,
    name       text,
    created_at integer not null,
    expires_at integer not null
) strict, without rowid;
create index session_user on session (user);

create table idempotency (
    actor   text not null,
    key     text not null,
    request text not null,
    status  integer,
    answer  text,
    at      integer not null,
    primary key (actor, key)
) strict, without rowid;

create table plugin (
    name         text primary key,
    version      text not null,
    state        text not null,
    package      blob not null,
    installed_at integer not null,
    -- Where its subscription began to listen.
    since        integer not null
) strict, without rowid;

create table setting (
    plugin text not null,
    org    text not null,
    body   text not null,
    primary key (plugin, org)
) strict, without rowid;

create table script_draft (
    name       text not null,
    org        text not null,
    source     text not null,
    parameters text not null,
    examples   text not null,
    updated_at integer not null,
    updated_by text not null,
    primary key (name, org)
) strict, without rowid;
-- Published versions only grow; the one in force is named in script_current.
create table script_version (
    name         text not null,
    org          text not null,
    version      integer not null,
    source       text not null,
    digest       text not null,
    parameters   text not null,
    examples     text not null,
    published_at integer not null,
    published_by text not null,
    primary key (name, org, version)
) strict, without rowid;
create table script_current (
    name     text not null,
    org      text not null,
    version  integer not null,
    failures integer not null default 0,
    fault    text,
    failed_at integer,
    primary key (name, org)
) strict, without rowid;

create table job (
    id         text primary key,
    kind       text not null,
    org        text not null,
    state      text not null,
    created_at integer not null,
    updated_at integer not null,
    body       text not null
) strict, without rowid;
create index job_state on job (state, created_at);
create table job_file (
    job   text primary key,
    bytes blob not null
) strict, without rowid;

-- Refused moves and sign-ins: what the event log, which holds facts alone, does not say. Append-only, hash-chained.
create table audit (
    seq    integer primary key,
    at     integer not null,
    actor  text not null,
    org    text,
    what   text not null,
    detail text not null,
    chain  text not null
) strict;
