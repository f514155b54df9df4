-- Merged customers. The one that was given up leaves its table; its id stays known through `alias`, which always names the
-- one that is there, however long the chain. `body` has what it takes to tell of a merge and to take it back, so erasure
-- must reach it as it reaches records and revisions.
create table merge (
    id         text primary key,
    org        text not null,
    kept       text not null,
    lost       text not null,
    at         integer not null,
    seq        integer not null,
    undo_until integer not null,
    undone_at  integer,
    body       text not null
) strict, without rowid;
create index merge_kept on merge (kept, seq);
create index merge_lost on merge (lost, seq);
create index alias_into on alias (kind, into_id);

-- Where the values of a revision come from, when its actor does not say: "imported", or {"phone":["stated","2026-03-13T02:00:00.000Z"]}
-- for one that put values of several origins together.
alter table revision add column source text;

-- Which person of the brand a customer of an organisation is. Dealers never read it.
create table membership (
    customer text primary key,
    identity text not null,
    org      text not null
) strict, without rowid;
create index membership_identity on membership (identity, org);
