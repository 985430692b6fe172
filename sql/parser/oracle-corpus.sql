-- One statement a line, for oracle.test.ts, in sections. same: the parser and PostgreSQL's own must
-- agree, both accept or both refuse. stricter: PostgreSQL's parser accepts what it refuses later or
-- nobody means (`and` as an alias), and we refuse with 42601. unsupported: PostgreSQL accepts and we
-- refuse with 0A000. extension: we accept and PostgreSQL refuses.
-- section: same
select 1
select
select from t
select *
select * from t
select t.* from t
select s.t.* from s.t
select a, b c, d as e from t
select a as select from t
select a select from t
select 1 as "Two words", "quoted ""name""" from "T"
select 1 day
select 1 as day
select 1 year, 2 month
select a over from t
select a overlaps from t
select all a from t
select distinct a from t
select distinct on (a) a, b from t order by a, b
select distinct on a from t
select distinct from t
select all from t
select 'it''s', 'a' 'b'
select 'a' -- comment
select E'\n\t\\ \x41 \101 \u0041'
select E'\u00'
select e'it\'s'
select U&'\0041\+000041'
select U&'\00'
select $$dollar$$, $tag$with $$ inside$tag$, $a$$b$$a$
select $tag$ unclosed
select 'unclosed
select "unclosed
select ""
select /* comment /* nested */ */ 1
select /* unclosed 1
select b'0101', x'1F', B'', X'ff'
select n'national'
select 1, 1.5, .5, 5., 1e5, 1.5e-3, 1_000, 0x1F, 0o17, 0b101, 1_000.5e1_0
select 1a
select 1_
select 1__0
select 0x
select 0b2
select 1e
select 1.2.3
select $1, $2::int + 1
select a.b.c, a[1], a[1:2], a[:2], a[1:], a[:], a[1][2], (a).b, (a).b.c, (a).*, (a)[1]
select a.b[1].c from t
select array[1, 2, 3], array[[1, 2], [3]], array[]::int[], array(select 1)
select array[1, [2]]
select array[1,2,3][1]
select (array[1,2,3])[1]
select f(1)[1]
select (f(1))[1]
select row(1, 2), row(), (1, 2), (1), row(t.*)
select ()
select (1,)
select (1, 2).a
select 1 + 2 * 3 ^ 4 % 5 - -6
select - - 1, + 1, @ -5, ~ 1, !! 5
select a || b || c, a -> 'b' ->> 'c', a #> '{a}' #>> '{b}', a @> b, a <@ b, a ? 'k', a ?| b, a ?& b
select a |/ b, |/ 25, ||/ 27
select a !
select * / 2
select 1 +
select a = b, a <> b, a != b, a < b, a <= b, a > b, a >= b
select a = b = c
select a < b < c
select a = b < c
select (a = b) = c
select a = b is null, a is null = b, a is null is null, a is not null
select a isnull, a notnull, a is true, a is not false, a is unknown, a is not unknown
select a is distinct from b, a is not distinct from b
select a is distinct from b is distinct from c
select a is 5
select not a and b or not not c
select 1 + not true
select not
select a between 1 and 2, a not between symmetric 1 and 2, a between asymmetric 1 and 2 and b
select a between 1 and 2 between 3 and 4
select a between b and c and d
select a between 1
select a between 1 and 2 = true
select a between not b and c
select a in (1, 2), a not in (1), a in (select 1), a in ((select 1)), a in ((select 1), 2), a in ((select 1) union (select 2))
select a in ()
select a in 1
select a in (1) in (2)
select a in (values (1), (2))
select a like 'b', a not like 'b' escape '\', a ilike 'b', a not ilike 'b', a similar to 'b', a not similar to 'b' escape '#'
select a like b like c
select a like any (array['x']), a not like all (array['x']), a ilike some (select 'x')
select a ~ 'b', a ~* 'b', a !~ 'b', a !~* 'b', a ~~ 'b'
select a = any (select 1), a = any (array[1]), a <> all (select 1), a < some (select 1)
select a = any 1
select a + any (select 1)
select exists (select 1), not exists (select 1)
select exists (1)
select (select 1), ((select 1)), (select 1) + 1, ((select 1) + 1), (((select 1)))
select ((select 1) union select 2), ((select 1) union (select 2) order by 1 limit 1)
select (select 1
select 1)
select (select a from t order by 1 limit 1)
select a::int, a::int::text, -a::int, cast(a as numeric(10, 2)), a::double precision, a::timestamp with time zone
select a::int[], a::int[3], a::int array, a::int array[4], a::text[][]
select a::character varying(10), a::char(5), a::varchar, a::bit varying(3), a::bit(3), a::national character varying(2)
select a::timestamp(3) without time zone, a::time with time zone, a::interval day to second(3), a::interval(3), a::interval year to month
select a::interval month to year
select a::float(10), a::float, a::dec(5), a::decimal, a::real, a::smallint, a::bigint, a::boolean
select a::float(99)
select a::s.mytype, a::mytype(3)
select a::
select cast(a as)
select cast(a, int)
select cast a as int
select date '2026-01-01', time '10:00', timestamp '2026-01-01 10:00', timestamptz '2026-01-01', interval '1 day', interval '1' day
select interval '1' year to month, interval '1:30' hour to minute, interval(3) '1.5 seconds', interval '1' second(3)
select timestamp with time zone '2026-01-01', time(3) with time zone '10:00', timestamp(3) '2026-01-01'
select numeric '1.5', numeric(5,2) '1.5', float '1', double precision '1.5', integer '5', int '5', bigint '5', real '1', boolean 'true', varchar 'x', char(3) 'x'
select uuid '00000000-0000-0000-0000-000000000000', json '{}', jsonb '{}', bytea '\x00'
select s.t 'x'
select interval
select time, date, json, text, name, value, values from t
select case when a then 1 end, case when a then 1 else 2 end, case a when 1 then 2 when 3 then 4 else 5 end
select case end
select case a end
select case when a then 1
select case when a end
select coalesce(a), coalesce(a, b, c), nullif(a, b), greatest(a, b), least(a)
select coalesce()
select nullif(a)
select nullif(a, b, c)
select coalesce from t
select coalesce(distinct a)
select extract(year from a), extract('epoch' from a), extract(century from now())
select extract(year a)
select position('a' in b), position(a in b || c)
select position(a, b)
select substring(a from 1 for 2), substring(a from 1), substring(a for 2), substring(a for 2 from 1), substring(a, 1, 2), substring(a similar 'b' escape '#'), substring(a from '[a-z]+')
select substring(a from)
select trim(a), trim(both from a), trim(leading 'x' from a), trim(trailing from a), trim('x' from a), trim(both 'x', a)
select overlay(a placing b from 1), overlay(a placing b from 1 for 2), overlay(a, b, 1)
select normalize(a), normalize(a, nfd)
select normalize(a, xyz)
select current_date, current_time, current_time(3), current_timestamp, current_timestamp(0), localtime, localtimestamp(2), current_user, session_user, user, current_role, current_catalog, current_schema, current_schema()
select now(), current_user()
select count(*), count(distinct a), count(all a), sum(a) filter (where b > 1), string_agg(a, ',' order by b desc, c)
select count(* )
select count(*, 1)
select count(distinct *)
select count(distinct a, b)
select f(), f(a), f(a, b => 1), f(b := 2), f(variadic array[1]), f(a, variadic array[1]), s.f(1)
select f(a,)
select f(variadic a, b)
select f(distinct)
select f(order by a)
select left('abc', 2), right('abc', 1), left, right from t
select left('abc', 2), right('abc', 1)
select percentile_cont(0.5) within group (order by a), mode() within group (order by b desc) filter (where c)
select percentile_cont(0.5) within group (a)
select row_number() over (), rank() over (partition by a order by b), sum(a) over w from t window w as (partition by b)
select sum(a) over (w order by c) from t window w as (partition by a), v as (w)
select sum(a) over (rows unbounded preceding), sum(a) over (rows between 1 preceding and 1 following), sum(a) over (order by b range between interval '1 day' preceding and current row)
select sum(a) over (order by b groups between unbounded preceding and unbounded following exclude ties), sum(a) over (rows 2 preceding exclude current row)
select sum(a) over (rows between unbounded following and current row)
select sum(a) over (rows between current row and 1 preceding)
select sum(a) over (rows between current row and unbounded preceding)
select sum(a) over (rows 1 following)
select sum(a) over (rows between 1 preceding)
select sum(a) over
select sum(a) over partition by b
select lag(a, 1) over (order by b) as previous
select grouping(a), grouping(a, b) from t group by rollup (a, b)
select a from t group by a, b
select a from t group by ()
select a from t group by cube (a, (b, c)), rollup (d), grouping sets ((a), (), rollup (b))
select a from t group by distinct a
select a from t group by all a
select a from t group by
select a from t group a
select a from t having count(*) > 1
select a from t where
select a from t where a = 1 where b
select a from t order by a, b desc, c asc nulls first, d desc nulls last, 1
select a from t order by
select a from t order a
select a from t limit 1, 2
select a from t limit 10 offset 5
select a from t offset 5 limit 10
select a from t limit all
select a from t limit null
select a from t offset 5 rows fetch first 3 rows only
select a from t fetch next row only
select a from t fetch first (1 + 2) rows with ties
select a from t fetch first 1 + 2 rows only
select a from t limit 1 limit 2
select a from t limit 1 order by a
select a from t limit
select a from t for update
select a from t for no key update of t, u nowait for share skip locked
select a from t limit 1 for key share
select a from t for update limit 1
select a from t for delete
select * from a, b
select * from a b, c as d (e, f)
select * from a as b c
select * from a join b on a.x = b.x
select * from a inner join b using (x, y) left outer join c on true right join d on true full outer join e using (z)
select * from a cross join b natural join c natural left join d
select * from a join b using (x) as j
select * from a join b
select * from a cross join b on true
select * from a natural join b on true
select * from a join b join c on true on true
select * from a left join b cross join c on true
select * from (a join b on true) as j
select * from (a join b on true), (c)
select * from (a)
select * from ((a join b on true) join c on true)
select * from (select 1) x, (select 2)
select * from ((select 1)) x
select * from ((select 1) union (select 2)) x
select * from ((select 1) x join b on true)
select * from (values (1, 2), (3, 4)) v (a, b)
select * from (table t) x
select * from a, lateral (select a.x) y, lateral f(a.x) z
select * from f(1) as x (a, b), g() with ordinality, s.h() with ordinality as y (c, n)
select * from generate_series(1, 10) i
select * from lateral t
select * from only t, only (u) v, w *
select * from t as
select * from
select * from where a
select * from select
select * from coalesce(1, 2) as x
select * from t window w as (order by a)
select * from information_schema.tables
select 1 union select 2
select 1 union all select 2 except select 3 intersect distinct select 4
(select 1) union (select 2)
(select 1 limit 1) union all (select 2 order by 1)
select 1 limit 1 union select 2
(select 1 order by 1) order by 1
(select 1 limit 1) limit 1
(select 1)
((select 1))
((select 1) union select 2) order by 1 limit 3
select 1 union
select 1 union all all select 2
values (1, 'a'), (2, 'b')
values (1), (default)
values
values ()
values (1) order by 1 limit 1
table t
table s.t order by 1
table
with a as (select 1) select * from a
with a (x, y) as (select 1, 2), b as materialized (select 2), c as not materialized (select 3) select 1
with recursive r (n) as (values (1) union all select n + 1 from r where n < 10) select * from r
with a as (insert into t values (1) returning *) select * from a
with a as (delete from t returning *), b as (update t set x = 1 returning *) insert into u select * from a
with a as (select 1) (with b as (select 2) select 1)
with a as select 1 select 2
with a (select 1) select 2
with a as (select 1)
insert into t values (1, 'a'), (2, default)
insert into t (a, b) values (1, 2)
insert into s.t as x (a) select 1
insert into t x values (1)
insert into t default values
insert into t (a) default values
insert into t () values (1)
insert into t select 1
insert into t (select 1)
insert into t (a) (select 1)
insert into t (values (1))
insert into t with a as (select 1) select * from a
insert into t (a) overriding system value values (1)
insert into t overriding user value select 1
insert into t values (1) on conflict do nothing
insert into t values (1) on conflict (a, lower(b)) do nothing
insert into t values (1) on conflict (a) where b > 1 do update set c = excluded.c, (d, e) = (1, default) where t.f
insert into t values (1) on conflict on constraint k do update set a = 1 returning *
insert into t values (1) on conflict (a) do
insert into t values (1) on conflict update
insert into t values (1) returning a, b as c, *
insert into t
insert t values (1)
insert into t set a = 1
insert into t (a, b values (1)
update t set a = 1
update t set a = default, b = b + 1 where c returning *
update only t as x set a = 1 from u, v join w on true where x.a = u.a
update t x set a = 1
update t set set a = 1
update t set (a, b) = (1, 2), (c) = row(3), (d, e) = (select 1, 2)
update t set (a, b) = (default, 1)
update t set a == 1
update t set
update t a = 1
update set set a = 1
delete from t
delete from t where a = 1 returning b
delete from only t as x using u, v where x.a = u.a
delete t
delete from t set a = 1
merge into t using u on t.a = u.a when matched then update set b = u.b when not matched then insert (a, b) values (u.a, u.b)
merge into t as x using (select 1) as u on true when matched and x.a > 1 then delete when matched then do nothing when not matched by source then delete when not matched by target then insert default values returning x.*
merge into t using u on true when not matched then insert values (1, default)
merge into t using u on true when not matched then insert (a) overriding system value values (1)
merge into t using u on true
merge into t using u on true when matched then insert values (1)
merge into t using u on true when not matched then delete
create table t (a int, b text not null default 'x', c numeric(10, 2) check (c > 0), primary key (a))
create table if not exists s.t ()
create unlogged table t (a int)
create temp table t (a int)
create temporary table t (a int)
create table t (a int primary key, b int unique, c int references u, d int references u (x) on delete cascade on update set null)
create table t (a int references u (x, y) match full deferrable initially deferred, b int constraint nn not null constraint p primary key)
create table t (a bigint generated always as identity primary key, b int generated by default as identity (start with 10 increment by 5 minvalue 1 no maxvalue cache 3 cycle))
create table t (a int, b int generated always as (a * 2) stored)
create table t (a int, b int generated always as (a * 2))
create table t (a int, b int generated by default as (a * 2) stored)
create table t (a int, constraint k unique (a), constraint c check (a > 0), foreign key (a) references u (b) on delete restrict on update no action)
create table t (a int, unique nulls not distinct (a) include (b), primary key (a) not deferrable)
create table t (a int collate "C" not null, b text default 1 + 2, c int default -1, d int null)
create table t (a int default 1 not null)
create table t (a int default not true)
create table t (a int default a = b)
create table t (like u including all excluding indexes, b int)
create table t (a)
create table t (a int,)
create table t (a int primary)
create table t (primary key)
create table t (a int) with (fillfactor = 70, autovacuum_enabled = false)
create table t (a int) with (x)
create table t
create table (a int)
create table t as select 1
create table if not exists t (a, b) as select 1, 2 with no data
create table t as values (1) with data
create table t with (fillfactor = 10) as select 1
create table t as (select 1)
create table t (a int) as select 1
create table t (exclude int, key int, value int, name text, type text, at timestamptz, role text)
create table user (a int)
create table "user" (a int)
create table t (select int)
create table t (between int)
create table between (a int)
create table left (a int)
create index on t (a)
create unique index i on t (a, lower(b) desc nulls last, (c + d)) where a > 1
create index concurrently if not exists i on only s.t using btree (a text_pattern_ops asc nulls first) include (b) nulls not distinct with (fillfactor = 70)
create index if not exists on t (a)
create index i on t (a collate "C")
create index i on t (a + b)
create index i on t
create index i t (a)
create schema s
create schema if not exists s
create type mood as enum ('sad', 'ok')
create type s.mood as enum ()
create type mood as enum (sad)
create view v as select 1
create or replace view v (a, b) as select 1, 2 with local check option
create view v with (security_barrier) as table t with check option
create recursive view v (n) as select 1
create recursive view v as select 1
create materialized view if not exists v as select 1 with no data
create or replace materialized view v as select 1
create view if not exists v as select 1
create function f(a int, b text default 'x') returns int language sql as 'select 1'
create or replace function f(int, out x int, variadic y int[]) returns setof t language sql immutable strict as $$ select 1 $$
create function f(a int) returns table (x int, y text) language sql stable return 1
create function f() returns int return a + 1
create function f() as language
drop table t
drop table if exists s.t, u cascade
drop view v restrict
drop materialized view if exists v
drop index concurrently if exists i
drop schema s cascade
drop type t
drop function f, g(int, text), s.h()
drop sequence s
drop table
drop t
drop table t cascade restrict
alter table t add a int
alter table t add column if not exists a int not null default 1, drop column b cascade, alter column c set not null
alter table if exists only s.t alter a drop not null, alter b set default 1 + 1, alter column c drop default
alter table t alter a type bigint using a::bigint, alter b set data type text
alter table t add constraint k primary key (a), add unique (b), add check (c > 0), add foreign key (d) references u
alter table t drop constraint if exists k cascade
alter table t rename to u
alter table t rename a to b
alter table t rename column a to b
alter table if exists t rename constraint a to b
alter view v rename to w
alter index if exists i rename to j
alter type t rename to u
alter schema s rename to r
alter table t
alter table t add
alter table t rename
alter table t drop
truncate t
truncate table only t, s.u * restart identity cascade
truncate t continue identity restrict
truncate
copy t from '/tmp/x.csv'
copy s.t (a, b) from stdin with (format csv, header true, delimiter ';', null '')
copy t to stdout csv header delimiter ';'
copy (select 1) to '/tmp/x.csv' with (format csv)
copy (insert into t values (1) returning a) to stdout
copy t from '/tmp/x' (format text) where a > 1
copy t to '/tmp/x' where a > 1
copy (select 1) from stdin
copy t
begin
begin work
begin transaction isolation level serializable, read only
begin isolation level read committed read write not deferrable
start transaction isolation level repeatable read
start
commit
commit work and chain
commit and no chain
end transaction
rollback
rollback to s
rollback transaction to savepoint s
abort
savepoint s
release savepoint s
release s
begin isolation level chaos
prepare p as select $1
prepare p (int, text) as insert into t values ($1, $2)
prepare p select 1
execute p
execute p (1, 'a')
execute p ()
deallocate p
deallocate prepare p
deallocate all
set search_path to a, b
set local timezone = 'UTC'
set session x.y = 5
set time zone 'UTC'
set time zone local
set a to default
set a = on
set a = -5
set a
set a = 1 + 2
reset a
reset time zone
show a
show all
show time zone
show a.b
show transaction isolation level
show
explain select 1
explain analyze select 1
explain analyze verbose select 1
explain (analyze, verbose false, format json) select 1
explain (select 1)
explain insert into t values (1)
explain explain select 1
explain
comment on table t is 'x'
comment on column s.t.a is null
comment on function f(int) is 'x'
comment on view v is 5
comment on index i is 'x'
select json_object('a': 1, 'b' value 2), json_object(), json_object('{a,b}'), json_object(a, b)
select json_object('a': 1 absent on null with unique keys returning text)
select json_object('a': 1, 'b')
select json_array(1, 2), json_array(), json_array(select 1), json_array(1, null null on null returning jsonb), json_array((1) + 2), json_array((select 1), 2)
select json_objectagg(a: b), json_objectagg(a value b null on null with unique) filter (where c), json_arrayagg(a order by b absent on null returning text) over (partition by c)
select json_arrayagg(distinct a)
select json_objectagg(a)
select json('{}'), json_scalar(1), json_serialize('{}')
select a is json, a is not json object, a is json array, a is json scalar, a is json value without unique keys
select a at time zone 'UTC', a at time zone 'a' at time zone 'b', a at local, a + b at time zone 'c'
select a at zone 'UTC'
select a collate "C", a || b collate "de_DE", a collate s.c
select (a, b) = (c, d), (a, b) in ((1, 2), (3, 4)), (a, b) overlaps (c, d), row(a) < row(b)
select (a, b, c) overlaps (d, e)
select a overlaps b
select "a"."b", a."B"
select a."b.c".d
select 1;select 2
selct 1
select 1 from t t2 t3
foo
()
(1)
select * from t where a = 'x' and b in (select c from u where u.d = t.d) or not exists (select 1 from v)
select a from t where (a, b) > (1, 2) and (select count(*) from u) > 0
select sum(a) / nullif(count(*), 0)::numeric as "average", date_trunc('day', at) from t group by 2 having sum(a) > 10
select a.*, row_number() over (partition by b order by c desc nulls last rows between 1 preceding and current row) from a
select case when a is null then 'x' when a ~ '^b' then 'y' else c::text || '!' end from t
select * from t where a is not null and b is distinct from c and d between 1 and 10 and e like 'f%' escape '\'
select x.a from (select a from t union all select b from u) as x (a) left join lateral (select * from v where v.a = x.a limit 1) y on true
select * from a asof join b on a.k = b.k and a.t >= b.t
select * from a asof left join b on true
select a is distinct from b is null, a not in (1) in (2)
select a between 1 and 2 in (3)
select a in (1) between 2 and 3, a = any (b) = c
select a is null is distinct from b
-- section: stricter
select a and
select a is
select a like
select $0
select $1a
select b'012'
select x'1G'
comment on column a is 'x'
-- section: unsupported
select * from current_date
select a.b.c.d.e()
select s.s.f()
select treat(a as t)
select json_value('{}', '$.a')
select collation for (a)
select a operator(pg_catalog.+) b
select xmlelement(name a)
select * from t tablesample system (10)
select * from rows from (f(), g())
select * from f() as (a int, b text)
select * from a.b.c
select a into b from t
select a from t order by a using <
select a is nfc normalized
update t set a[1] = 2
update t set a.b = 2
update t set a = 1 where current of c
create table t (a int) inherits (u)
create table t (a int) partition by range (a)
create table t of u
create table t (a int, exclude using gist (a with =))
create temp view v as select 1
create type t as (a int)
create extension x
create role r
create sequence s
create trigger t before insert on u for each row execute function f()
create domain d as int
create database d
drop role r
alter role r rename to s
alter table t owner to u
alter table t enable row level security
alter table t set schema s
copy t to program 'cat'
set transaction isolation level serializable
set role r
vacuum
vacuum t
analyze
listen a
notify a
grant select on t to u
revoke select on t from u
refresh materialized view v
lock table t
do $$ begin end $$
call p()
declare c cursor for select 1
fetch 1 from c
commit prepared 'x'
prepare transaction 'x'
with recursive r as (select 1) search depth first by a set b select 1
reset all
-- section: extension
from t
from t |> where a > 1 |> select a, b as c |> limit 10 offset 5
from t join u on true |> extend a + 1 as b |> set a = 2 |> drop c, d |> rename e as f, g h
from t |> as x |> aggregate count(*) as n, sum(a) group by b, c as d |> order by n desc
from t |> left join u using (a) |> natural join v |> cross join w |> asof join x on t.a >= x.a
from t |> distinct |> union all (select 1), (select 2) |> except (table t) |> call paginate(a, size => 10) p
select a from t order by a |> where a > 1
with a as (select 1) from a |> insert into b (c) returning *
select * from (from t |> where a) x
select * from 'file.parquet' f
create event table e (a int) with (retain = '10 min', logged = true)
create device d (a int, error text) with (module = './d.js', concurrency = 10)
create coroutine c on t x as insert into u values (x.a)
drop coroutine c
drop device if exists d
drop event table e
subscribe select * from t with (snapshot = false)
explain from t |> where a
