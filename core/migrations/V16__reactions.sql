-- What a reaction may ask for, as its author declares it and whoever publishes it grants it; and the functions by which it hears.
alter table script_draft add column asks text not null default '[]';
alter table script_version add column asks text not null default '[]';
alter table script_version add column hears text not null default '[]';
-- Who wrote the draft that was published: where messages can go out it is not who published it.
alter table script_version add column written_by text;
-- A version that is tried on a share of subjects, in percent, before it holds for all.
alter table script_current add column canary integer;
alter table script_current add column share integer;
-- Messages a script has sent in an hour, so that a wrong one cannot write to everybody.
create table script_sent (
    name text not null,
    org  text not null,
    hour integer not null,
    n    integer not null,
    primary key (name, org, hour)
) strict, without rowid;
