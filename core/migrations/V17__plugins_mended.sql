-- The number of the event that told of the version now installed: a catalogue knows by it whether it has read the package.
alter table plugin add column came_seq integer not null default 0;

-- Whether the server's own binary brought the version now installed: a newer binary takes over no others. Of older stores the event that
-- told of it says who did.
alter table plugin add column is_brought integer not null default 0;
update plugin set is_brought = 1 where name in (
    select json_extract(data, '$.name') from event
    where seq in (
        select max(seq) from event where kind = 'plugin.installed' group by json_extract(data, '$.name')
    ) and actor = 'system'
);

-- Plugins of the server's own binary that were taken out, and versions of them that were sent away: they are not brought again. The
-- version is empty where the plugin is meant as a whole.
create table plugin_declined (
    name    text not null,
    version text not null,
    at      integer not null,
    primary key (name, version)
) strict, without rowid;
insert or replace into plugin_declined (name, version, at)
    select json_extract(data, '$.name'), '', max(at) from event where kind = 'plugin.removed'
    and json_extract(data, '$.name') not in (select name from plugin) group by 1;
