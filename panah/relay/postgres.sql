-- The same tables as schema.sql, for PostgreSQL. Numbers come from the row of the mailbox and never from a sequence: a sequence gives a
-- number before the commit, so that a reader could see 8 before 7 is there, and never ask for 7 again.

create table format (version integer not null, puzzle bytea not null);

create table boxes (
  box     bytea primary key,
  last    bigint not null,
  read_on integer not null,
  read_to bigint not null,
  weeks   integer not null
) with (fillfactor = 70);

create table deposits (
  box  bytea   not null,
  n    bigint  not null,
  id   bytea   not null,
  goes integer not null,
  blob bytea   not null,
  primary key (box, n)
);
alter table deposits alter blob set storage external;
create unique index deposits_by_id on deposits (box, id);
create index deposits_by_day on deposits (goes);

-- Added to in several rows, so that relays do not wait for one another: the sum counts.
create table usage (
  kind  integer not null,
  shard integer not null,
  bytes bigint  not null,
  primary key (kind, shard)
) with (fillfactor = 50);

create table vouchers (hash bytea primary key);
