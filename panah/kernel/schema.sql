-- One member's vault on one device. The whole file is encrypted; it holds only what this member can open.
-- `segments` is the log and the truth; every other table but meta, keys, blobs, drafts and quarantine is rebuilt from it.

create table meta (key text primary key, value blob not null) without rowid;

-- A compartment that this vault holds a key of, and each of its keys.
create table compartments (tag blob primary key, name text not null unique) without rowid;
create table keys (
  compartment blob not null, epoch blob not null, n integer not null, key blob not null, author blob not null,
  primary key (compartment, epoch)
) without rowid;

-- The log. state: 0 counts, 1 waits (for its parent, its author or its time), 2 refused. `held` says why, as an error code. carry: made here or
-- brought by hand, so that this vault passes it on to its relay.
create table segments (
  seq integer primary key,
  id blob not null unique,
  author blob not null, compartment blob not null,
  header blob not null, body blob not null,
  state integer not null, held text not null default '',
  carry integer not null
);
create index segments_waiting on segments (state) where state > 0;
create index segments_compartment on segments (compartment, author, seq);
create table parents (child blob not null, parent blob not null, primary key (parent, child)) without rowid;
-- The segments that no other one of the same author follows: what the next own segment names as parent, and what others show they have seen.
create table heads (compartment blob not null, author blob not null, id blob not null, seq integer not null, primary key (compartment, author, id)) without rowid;
-- Segments that others have seen and we have not: held back, lost, or still on their way.
create table missing (id blob primary key, compartment blob not null, author blob not null) without rowid;

-- Events as opened from the segments that count. Control events (kinds that start with '_') stand here as well.
create table events (
  record blob not null, at integer not null, author blob not null, segment integer not null, n integer not null,
  compartment blob not null, control text not null, data blob not null,
  primary key (record, at, author, segment, n)
) without rowid;
create index events_control on events (compartment, control, at) where control > '';
create index events_segment on events (segment);

-- One row per record, folded from its events. `placed` says what the row put into facets and full text, so that it can be taken out again.
create table rows (
  n integer primary key,
  id blob not null unique, kind text not null, compartment blob not null,
  created integer not null, updated integer not null, conflicts integer not null,
  data blob not null, placed blob not null
);
create index rows_updated on rows (kind, updated);
create index rows_created on rows (kind, created);
create index rows_conflicts on rows (kind, updated) where conflicts > 0;
create index rows_compartment on rows (compartment);

-- Values that lists filter and order by: the fields that a record type declares `index`.
create table facets (
  kind text not null, field text not null, value, updated integer not null, n integer not null,
  primary key (kind, field, value, updated, n)
) without rowid;

-- Full text over folded words, whole and in threes. They hold no copy of the text.
create virtual table words using fts5 (text, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0", prefix='1 2 3');
create virtual table threes using fts5 (text, content='', contentless_delete=1, tokenize='trigram');

create table blobs (id blob not null, n integer not null, data blob not null, primary key (id, n)) without rowid;
create table drafts (key text primary key, at real not null, data blob not null) without rowid;
create table quarantine (id blob primary key, source text not null, code text not null, at real not null, data blob not null) without rowid;

-- Compartments whose whole log is to be carried again, because someone who lacked the key got it.
create table resends (n integer primary key, compartment blob not null, salt blob not null);
-- How far each mailbox was read, and how far our own log was carried to each relay or stick.
create table cursors (place text not null, box blob not null, n integer not null, primary key (place, box)) without rowid;
