-- Where events are told to others: one row a subscription, which hears what its owner may hear.
create table webhook (
    id            text primary key,
    org           text not null,
    owner         text not null,
    name          text not null,
    url           text not null,
    -- Kinds of events, or their beginnings with a star; and what must be quoted in them.
    events        text not null,
    filter        text not null,
    -- Sealed: whoever has the store's file alone cannot sign for us. The old one signs too until everybody knows the new.
    secret        text not null,
    old_secret    text,
    old_until     integer,
    -- active, paused by a person, or disabled after a long failure.
    state         text not null,
    why           text,
    -- The last event that was looked at.
    seen          integer not null,
    failing_since integer,
    rev           integer not null,
    created_at    integer not null,
    updated_at    integer not null
) strict, without rowid;

-- What was told, and what became of it. The body is made of the event whenever it is sent, so that what was forgotten is not told.
create table webhook_delivery (
    id       text primary key,
    webhook  text not null,
    -- Null for a trial.
    seq      integer,
    kind     text not null,
    subject  text,
    made_at  integer not null,
    due_at   integer not null,
    attempts integer not null,
    -- waiting, delivered or failed.
    state    text not null,
    tried_at integer,
    status   integer,
    fault    text,
    took_ms  integer
) strict, without rowid;
create unique index webhook_delivery_once on webhook_delivery (webhook, seq) where seq is not null;
create index webhook_delivery_due on webhook_delivery (state, due_at) where state = 'waiting';
create index webhook_delivery_of on webhook_delivery (webhook, made_at, id);
-- Of one subject an earlier event goes first.
create index webhook_delivery_subject on webhook_delivery (webhook, subject, seq) where state = 'waiting';
