-- What an entry speaks of, so that it can be looked for: the record at a revision with a keyed digest of what the write
-- changed (never the values), for whom a plugin acted, and from which address.
alter table audit add column on_behalf text;
alter table audit add column kind text;
alter table audit add column record text;
alter table audit add column rev integer;
alter table audit add column digest text;
alter table audit add column address text;
-- Ids begin with the time, so entries of new records go to the end of this index.
create index audit_record on audit (record) where record is not null;
create index audit_actor on audit (actor);
create index audit_on_behalf on audit (on_behalf) where on_behalf is not null;
-- Writes of records are most of the log and found by it without an index; everything else is rare and looked for.
create index audit_what on audit (what) where rev is null;

-- Signed: up to row `count` the chain ends in `chain`. Kept elsewhere too, they show a log that was cut off or written anew.
create table audit_root (
    count     integer primary key,
    chain     text not null,
    at        integer not null,
    key       text not null,
    signature text not null
) strict;
