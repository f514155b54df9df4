-- Links to public pages that hold once and were answered: the digest of the link, never the link itself.
create table page_spent (
    link text primary key,
    at integer not null
) strict, without rowid;
