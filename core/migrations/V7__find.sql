-- Searching anew: shorter grams, spellings of names, organisation and kind as tokens. What is stored is indexed again in
-- the background, kind by kind, see store/search.rs.
drop table search_gram;
create virtual table search_gram using fts5 (grams, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
-- Of the tokens a record has in search_gram, so that a write that changes none of them leaves the index alone; null: it has none.
alter table search_row add column digest integer;

-- Kinds whose records are still to be indexed, from the newest id down to the oldest.
create table search_todo (
    kind   text primary key,
    -- Records with this id and above are done; null: none is.
    before text
) strict, without rowid;
create table if not exists kind (name text primary key, body text not null) strict;
insert into search_todo (kind) select name from kind;

-- Segments: a filter with a name, or a list of ids when `is_static`.
create table segment (
    id         text primary key,
    rev        integer not null,
    org        text not null,
    kind       text not null,
    name       text not null,
    filter     text not null,
    owner      text,
    is_static  integer not null,
    n          integer not null,
    counted_at integer not null,
    created_at integer not null,
    updated_at integer not null,
    -- The first fill goes down the ids: those above `filled_to` are done; null: all are.
    filled_to  text,
    -- Whether time alone, or a record referred to, can change who is in it.
    is_daily   integer not null
) strict, without rowid;
create index segment_kind on segment (kind, org);
create index segment_filling on segment (filled_to) where filled_to is not null;
create table segment_member (
    segment text not null,
    id      text not null,
    primary key (segment, id)
) strict, without rowid;
create index segment_of on segment_member (id);

-- The subscription that keeps the members begins with what comes from here on.
with recursive n (lane) as (select 0 union all select lane + 1 from n where lane < 63)
insert into lane (subscription, lane, seq) select 'segments', lane, (select ifnull(max(seq), 0) from event) from n;
