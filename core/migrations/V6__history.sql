-- Which revision a revision has taken back.
alter table revision add column undoes integer;

-- Files that hang on records. The bytes lie in the folder `blobs` beside this file, named by their SHA-256, so that the same
-- file is kept once. Of a file that was taken off its record the row stays, so that the timeline can still say which it was.
create table attachment (
    id          text primary key,
    kind        text not null,
    record      text not null,
    org         text not null,
    name        text not null,
    type        text not null,
    size        integer not null,
    digest      text not null,
    at          integer not null,
    actor       text not null,
    detached_at integer
) strict, without rowid;
create index attachment_record on attachment (kind, record, at, id) where detached_at is null;
-- Whether anybody still links a blob.
create index attachment_digest on attachment (digest) where detached_at is null;
