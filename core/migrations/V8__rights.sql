-- Masked values shown one by one, each person's of the last day: the rule is that nobody is shown more than a few.
create table reveal (
    person text not null,
    at integer not null,
    n integer not null
) strict;
create index reveal_person on reveal (person, at);
