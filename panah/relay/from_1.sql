-- From the first format to the second: who read how far, what deposits take, vouchers, and a key for puzzles.
alter table format add column puzzle blob not null default x'';
alter table boxes add column read_to integer not null default 0;
alter table boxes add column weeks integer not null default 0;
update boxes set weeks = 1 where read_on > 0;
create table usage (kind integer primary key, bytes integer not null);
insert into usage select k.kind, coalesce(sum(length(d.blob) + 256), 0)
  from (select 0 as kind union select 1 union select 2) k
  left join deposits d on (length(d.blob) > 8192) + (length(d.blob) > 65536) = k.kind group by k.kind;
create table vouchers (hash blob primary key) without rowid;
