-- Everything a relay remembers. It fits on a screen, so that whoever runs one can see that there is nothing else:
-- no address, no browser, no account, no time but days, and no record of when a deposit came.

-- `puzzle` authenticates this relay's own puzzles, so that none has to be remembered.
create table format (version integer not null, puzzle blob not null);

-- A mailbox, by its name. `last` is the number of its newest deposit. The row outlives the deposits, so that no number is given twice:
-- a reader who asks for what comes after n would never see a second n.
-- `read_on` says, to a week, when a holder of its capability last fetched (0: never): what is still being read does not expire.
-- `read_to`: up to this number a reader has said that it has them; where room is short, those that are due go.
-- `weeks`: in how many weeks it was read, counted to 2. Who read it in an earlier week was there before the flood.
create table boxes (
  box     blob primary key,
  last    integer not null,
  read_on integer not null,
  read_to integer not null,
  weeks   integer not null
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

-- What the deposits take, in bytes, for each class of size.
create table usage (kind integer primary key, bytes integer not null);
insert into usage values (0, 0), (1, 0), (2, 0);

-- The hashes of vouchers that nobody has used yet.
create table vouchers (hash blob primary key) without rowid;
