-- A relay's whole memory: sealed deposits in numbered mailboxes. No address, no agent, no time finer than a day.

-- A mailbox. Its counter survives what was deleted, so that no number is ever given twice.
-- `fetched` is the last day someone who holds its capability looked in: what is fetched regularly does not expire.
create table boxes (box blob primary key, last integer not null, fetched integer not null) without rowid;

create table deposits (
  box blob not null, n integer not null, id blob not null, day integer not null, class integer not null, expires integer not null,
  blob blob not null,
  primary key (box, n)
);
create unique index deposits_id on deposits (box, id);
create index deposits_expiry on deposits (expires);
