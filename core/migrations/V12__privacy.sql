-- Whom we have forgotten: ids and moments alone, so that a backup from before can be made to forget again. The same lines stand in
-- the file `erased.jsonl` beside this one, which no backup of this file takes back.
create table erasure (
    customer text primary key,
    org      text not null,
    -- All ids the customer went by, as a JSON list.
    ids      text not null,
    at       integer not null,
    actor    text not null,
    seq      integer not null,
    -- Null while traces may still stand in unused parts of this file.
    swept_at integer
) strict, without rowid;
create index erasure_unswept on erasure (at) where swept_at is null;

-- What the law has us keep of a customer who was erased, and until when. No list, search, export or script reaches it.
create table archive (
    id       text primary key,
    org      text not null,
    customer text not null,
    at       integer not null,
    until    integer not null,
    body     text not null
) strict, without rowid;
create index archive_until on archive (until);
create index archive_customer on archive (customer);

-- When values of a revision were forgotten: such a one cannot be taken back.
alter table revision add column erased_at integer;

-- Receipts are gone through for whom they quote: those of one organisation since the person came.
create index receipt_org on receipt (org, at);
