-- Messages that wait to be sent. The record of kind `message` says what; this says when to look at it next. A row goes in the
-- commit that says what became of the message.
create table outbox (
    message  text primary key,
    due_at   integer not null,
    -- Times the transport could not be reached.
    attempts integer not null,
    -- Number of reactions that led to it, so that who answers what was sent with a message is found out.
    depth    integer not null
) strict, without rowid;
create index outbox_due on outbox (due_at, message);

-- What the built-in catcher was handed in place of a gateway: one row a key, however often it was handed over.
create table caught (
    key      text primary key,
    at       integer not null,
    channel  text not null,
    address  text not null,
    subject  text,
    body     text not null,
    headers  text not null,
    n_handed integer not null
) strict, without rowid;

-- Signs the links to the public pages. Whoever knows it can make one for any customer.
create table page_key (
    name   text primary key,
    secret blob not null
) strict, without rowid;
insert into page_key (name, secret) values ('preferences', randomblob(32));
