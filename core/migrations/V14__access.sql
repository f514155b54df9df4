-- Until when a password that somebody else has set holds; it is changed at its first use. Null for one's own.
alter table secret add column initial_until integer;
