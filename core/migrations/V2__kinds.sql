-- What was said of a write beside its values: why it was made, and who answers for doubtful values, {"field":"reason"}.
alter table revision add column why text;
alter table revision add column overrides text;

-- What an organisation has made of a kind for itself and those below: fields, values of enumerations, labels. One row
-- a kind and organisation, so that it changes as a whole.
create table kind_custom (
    kind       text not null,
    org        text not null,
    body       text not null,
    changed_at integer not null,
    changed_by text not null,
    primary key (kind, org)
) strict, without rowid;
