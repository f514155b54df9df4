-- Sign-in: what a session came in with, second factors, links to accounts at an identity provider.

alter table session add column kind text not null default 'session';
-- Last used; written now and then, not with each request.
alter table session add column seen_at integer;
alter table session add column address text;
alter table session add column agent text;
-- Lists in JSON: what a token is held to, and from where it may be used; null is everything and everywhere.
alter table session add column scopes text;
alter table session add column addresses text;
update session set kind = 'token' where name is not null;

-- The secret is sealed with a key that is not in this file.
create table totp (
    user         text primary key,
    sealed       text not null,
    created_at   integer not null,
    -- Null until a first code has proved that the app has it.
    confirmed_at integer,
    -- The last time step a code was taken of: no code works twice.
    last_step    integer not null default 0
) strict, without rowid;

-- A recovery code has 120 random bits, so its SHA-256 tells nothing; it is deleted when used.
create table recovery (
    user   text not null,
    digest text not null,
    primary key (user, digest)
) strict, without rowid;

-- An account at a provider belongs to one person, and a person has one account at it.
create table account_link (
    issuer    text not null,
    subject   text not null,
    user      text not null,
    linked_at integer not null,
    primary key (issuer, subject),
    unique (issuer, user)
) strict, without rowid;
