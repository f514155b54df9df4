-- Consultants see the file of a customer while something with them is theirs to do: an order, an appointment, a lead they stand in for.
-- Roles that somebody has changed stay as they were made. On a new store the table is not there yet.
create table if not exists "k_role" (id text primary key, rev integer not null, org text not null,
    created_at integer not null, updated_at integer not null, data text not null, derived text) strict;

update "k_role" set data = json_insert(data, '$.grants[#]',
    json('{"kind":"customer","verbs":["read","change","act","attach"],"scope":"dealer","while":"own_case"}'))
where org = 'hq' and rev = 1 and json_extract(data, '$.code') = 'consultant'
  and instr(json_extract(data, '$.grants'), 'own_case') = 0;
