-- Everything a relay remembers. It fits on a screen, so that whoever runs one can see that there is nothing else:
-- no address, no browser, no account, no time but days, and no record of when a deposit came.

create table format (version integer not null);
insert into format values (1);

-- A mailbox, by its name. `last` is the number of its newest deposit. The row outlives the deposits, so that no number is given twice:
-- a reader who asks for what comes after n would never see a second n.
-- `read_on` says, to a week, when a holder of its capability last fetched (0: never): what is still being read does not expire.
create table boxes (
  box     blob primary key,
  last    integer not null,
  read_on integer not null
) without rowid;

-- What lies in the mailboxes. `id` is the sender's, so that sending twice is keeping once.
-- `goes` is the day on which it is erased, drawn at random when it came. The day on which it came is not kept.
-- Rows lie in the order of arrival and the key is an index beside them: a table clustered by (box, n) would hold four of these large
-- rows in an inner page, and be ten levels deep at a million.
create table deposits (
  box  blob    not null,
  n    integer not null,
  id   blob    not null,
  goes integer not null,
  blob blob    not null,
  primary key (box, n)
);
create unique index deposits_by_id on deposits (box, id);
create index deposits_by_day on deposits (goes);
