-- The file of a job in pieces, so that nobody has to hold the whole of it.
create table job_piece (
    job   text not null,
    n     integer not null,
    bytes blob not null,
    unique (job, n)
) strict;
-- Imports that were under way when the server was brought up to date go on with what they have.
insert into job_piece (job, n, bytes) select job, 0, bytes from job_file;
delete from job_file;

-- Which events a job has caused: one range a commit. Undo and held deliveries find them here.
create table job_range (
    job       text not null,
    first_seq integer not null,
    last_seq  integer not null,
    primary key (job, first_seq)
) strict, without rowid;

-- Jobs whose events are set aside instead of being delivered: held, going (let go at a measured pace), discarded.
create table hold (
    job   text primary key,
    state text not null
) strict, without rowid;

-- A delivery set aside for a job, or one that waits behind such a one.
alter table parked add column job text;
create index parked_job on parked (job, subscription, seq) where job is not null;

-- Who took what out, and why. Never deleted.
create table export (
    id    text primary key,
    org   text not null,
    state text not null,
    body  text not null
) strict, without rowid;
create index export_state on export (state);
