-- What an administrator has let a plugin have (null: all it asks for), by whose key its packages are signed, and when what it
-- kept is deleted after it was taken out.
alter table plugin add column granted text;
alter table plugin add column publisher text;
alter table plugin add column leaving_at integer;

-- Other versions of a plugin: the one before, to go back to, and one that waits for what it asks in addition.
create table plugin_version (
    name      text not null,
    role      text not null,
    version   text not null,
    package   blob not null,
    -- Of the one before: what it was granted. Of the one that waits: all it asks for.
    rights    text,
    publisher text,
    came_at   integer not null,
    primary key (name, role)
) strict, without rowid;

-- Organisations that do without a plugin, and with them those below.
create table plugin_off (
    plugin text not null,
    org    text not null,
    primary key (plugin, org)
) strict, without rowid;

-- Publishers' keys and packages that nobody installs any more: `key:<hex>`, `package:<hex>`.
create table revoked (
    what   text primary key,
    reason text not null,
    at     integer not null
) strict, without rowid;
