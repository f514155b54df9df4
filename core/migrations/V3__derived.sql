-- Derived values stand in the column `derived` of each kind's table, which store/schema.rs adds when it opens the store.

-- What a computed value was last made from. One receipt a field: the value has no revisions, so neither has its reason.
create table computed (
    kind    text not null,
    id      text not null,
    field   text not null,
    receipt text not null,
    primary key (kind, id, field)
) strict, without rowid;

-- Back-fills under way. Records after `after`, in the order of ids, are behind until the job comes to them.
create table backfill (
    kind  text not null,
    field text not null,
    org   text not null,
    after text not null,
    job   text not null,
    primary key (kind, field, org)
) strict, without rowid;
