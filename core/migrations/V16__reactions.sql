-- What a reaction may ask for, as its author declares it and whoever publishes it grants it; and the functions by which it hears.
alter table script_draft add column asks text not null default '[]';
alter table script_version add column asks text not null default '[]';
alter table script_version add column hears text not null default '[]';
-- Who wrote the draft that was published: where messages can go out it is not who published it.
alter table script_version add column written_by text;
-- A version that is tried on a share of subjects, in percent, before it holds for all.
alter table script_current add column canary integer;
alter table script_current add column share integer;
-- Its failures are its own: what is on trial must not take out what has done nothing wrong.
alter table script_current add column canary_failures integer not null default 0;
alter table script_current add column canary_failed_at integer;
-- Whether a version has ever held for all; only such a one is gone back to. Those of before have.
alter table script_version add column held integer not null default 1;
-- Messages a script has sent in an hour, so that a wrong one cannot write to everybody.
create table script_sent (
    name text not null,
    org  text not null,
    hour integer not null,
    n    integer not null,
    primary key (name, org, hour)
) strict, without rowid;
