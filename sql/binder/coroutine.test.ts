// Coroutines without await: guards, steps, locals, handlers.
import { describe, expect, it } from 'vitest'
import { boundText } from '../../test/support/bind.ts'

interface Case {
  readonly name: string
  readonly sql: string
  readonly plan: string
}

const cases: readonly Case[] = [
  {
    name: 'declares what into names, and catches by condition',
    sql: `create coroutine signup on http_requests r where r.method = 'POST' and r.path = '/signup'
as begin
  insert into users (email) values (r.body->>'email') returning id into uid;
  insert into http_responses (request_id, status, body) values (r.id, 201, json_object('id': uid));
exception when unique_violation then
  insert into http_responses (request_id, status, body) values (r.id, 409, '{"error":"taken"}');
end`,
    plan: `
coroutine signup on http_requests (id#13, method#1, path#2, body#3)
  where ((method#1 = 'POST') and (path#2 = '/signup'))
  local uid#11 bigint
  block
    run (id#10) into uid#11
      insert users (identity, email#4, null::text, null::integer, Now()) check users_age_check (age#8 >= 0) returning id#5 as id#10
        project (body#3::json ->> 'email') as email#4
          dual
    run ()
      insert http_responses (identity, request_id#14, status#15, null::json, body#16)
        project id#13 as request_id#14, 201 as status#15, JsonObject('id', uid#11::json) as body#16
          dual
  when 23505
    run ()
      insert http_responses (identity, request_id#26, status#27, null::json, body#28)
        project id#13 as request_id#26, 409 as status#27, '\\x7b226572726f72223a2274616b656e227d' as body#28
          dual`,
  },
  {
    name: 'takes a single statement as its body',
    sql: `create coroutine greet on connections c as insert into network_send values (c.id, 'hello world')`,
    plan: `
coroutine greet on connections (id#1)
  run ()
    insert network_send (identity, connection_id#2, data#3)
      project id#1 as connection_id#2, '\\x68656c6c6f20776f726c64' as data#3
        dual`,
  },
  {
    name: 'reads virtual columns of the event as expressions over the stored ones',
    sql: `create coroutine hello on http_requests r where path = '/' and r.headers->>'host' = 'x'
as insert into http_responses (request_id, body) values (r.id, r.query->>'name')`,
    plan: `
coroutine hello on http_requests (id#3, path#1, query_raw#5, head_raw#2)
  where ((path#1 = '/') and ((HttpHeadersJson(head_raw#2) ->> 'host') = 'x'))
  run ()
    insert http_responses (identity, request_id#4, 200, null::json, body#6)
      project id#3 as request_id#4, (HttpQueryJson(query_raw#5) ->> 'name')::bytea as body#6
        dual`,
  },
  {
    name: 'says whether a statement had a row where the body asks',
    sql: `create coroutine find on http_requests r as begin
  let who text := r.path;
  select age, name into a, who from users where users.email = who;
  if not found then return; elsif a > 3 then a := a + 1; else delete from users where id = 1; end if;
end`,
    plan: `
coroutine find on http_requests (path#1)
  local who#2 text
  local a#8 integer
  local found#11 boolean
  who#2 := path#1
  run (age#6, name#7) into a#8, who#2 found found#11
    project age#4 as age#6, name#5 as name#7
      filter (email#3 = who#2)
        scan users users (email#3, name#5, age#4)
  if Not(found#11)
    return
  elsif (a#8 > 3)
    a#8 := (a#8 + 1)
  else
    run () found found#11
      delete users row rowid#12
        filter (id#13 = 1::bigint)
          scan users users (id#13, row rowid#12)`,
  },
  {
    name: 'takes the value of a query, cast to the declared type',
    sql: `create coroutine count_up on clicks c as begin
  let n smallint := select count(*) from clicks;
  n := n + 1;
end`,
    plan: `
coroutine count_up on clicks ()
  local n#3 smallint
  run (count#4) into n#3
    project count#2::smallint as count#4
      project count#1 as count#2
        aggregate count_star() as count#1
          scan clicks clicks ()
  n#3 := (n#3::integer + 1)::smallint`,
  },
  {
    name: 'raises with a message made of its arguments',
    sql: `create coroutine fail on clicks c as raise exception 'page % of %%', c.page using errcode = 'check_violation'`,
    plan: `
coroutine fail on clicks (page#1)
  raise 23514 ConcatAll('page ', Coalesce(page#1, '<NULL>'), ' of ', '%')`,
  },
  {
    name: 'gives handlers the state and the message',
    sql: `create coroutine careful on clicks c as begin
  begin
    insert into users (email) values (c.page);
  exception
    when check_violation or sqlstate '22003' then insert into guestbook (author, message) values (sqlstate, sqlerrm);
    when others then return;
  end;
end`,
    plan: `
coroutine careful on clicks (page#1)
  block
    run ()
      insert users (identity, email#2, null::text, null::integer, Now()) check users_age_check (age#6 >= 0)
        project page#1 as email#2
          dual
  when 23514, 22003
    run ()
      insert guestbook (identity, author#9, message#11, Now())
        project sqlstate#8 as author#9, sqlerrm#10 as message#11
          dual
  when others
    return`,
  },
]

describe('a bound coroutine', () => {
  it.each(cases)('$name', ({ sql, plan }) => {
    expect('\n' + boundText(sql)).toBe(plan)
  })
})
