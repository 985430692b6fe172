-- Coroutines in every form of LANGUAGE §4; print.property.test.ts prints and parses each again.
create coroutine greet on connections c as insert into network_send values (c.id, 'hello world');

create or replace coroutine signup
  on http_requests r where r.method = 'POST' and r.path = '/signup'
as begin
  insert into users (email) values (r.body->>'email') returning id into uid;
  insert into http_responses (request_id, status, body) values (r.id, 201, json_object('id': uid));
exception
  when unique_violation or sqlstate '23514' then
    insert into http_responses (request_id, status, body) values (r.id, 409, '{"error":"email taken"}');
  when others then
    raise;
end;

create coroutine archive on delete to users u as insert into old_users select u.id;
create coroutine follow on update to s.users as u where u.a > 1 with (durable = true) as begin end;

create coroutine limiter
  instead of insert to http_fetches f where f.url like 'http://api%'
  with (durable = true, "Odd name" = 'x')
as begin
  await update buckets set n = n - 1 where n > 0 within '5 s';
  if not found then raise 'too many requests to %', f.url using errcode = '53400', hint = 'wait'; end if;
  await insert into dev.http_fetches (url) values (f.url) returning status, body into st, bd within interval '1 minute';
end;

create coroutine paginate(url text, size integer) returns table (page integer, body json) as begin
  let n := 0;
  let next text := url;
  let first json := await insert into http_fetches (url) values (next) returning body within '10 s';
  let total := select count(*) from t;
  while next is not null loop
    n := n + 1;
    await strict insert into http_fetches (url) values (next) returning body::json, error into b, e within '10 s';
    yield n, b;
    exit when b->>'next' is null;
    continue when n > 100;
    next := b->>'next';
  end loop;
  yield select 1, '{}';
  return;
end;

create coroutine race on http_requests r as begin
  await any
    when (select a from x where x.k = r.id) into v then
      insert into http_responses (request_id, body) values (r.id, v);
    when (delete from inbox i where i.k = r.id returning i.body) into v then
      begin
        let z := 1 / 0;
      exception when division_by_zero then
        raise notice 'never';
      end;
    when timeout '2 s' then
      raise exception unique_violation using message = 'late';
  end await;
  for m in await select * from messages where messages.id = r.id within '1 h' loop
    case m.kind
      when 'a', 'b' then insert into t values (1);
      else exit;
    end case;
  end loop;
  for m in select * from t loop
    case when m.a then continue; when m.b then return; end case;
  end loop;
  loop
    if m.a then return;
    elsif m.b then exit;
    elseif m.c then continue;
    else select 1;
    end if;
  end loop;
end;

create coroutine fan_out on http_requests r as
  await with a as (insert into http_fetches (url) values ('x') returning body),
             b as (insert into http_fetches (url) values ('y') returning body)
        select a.body, b.body from a, b into one, two within 'infinity';

create coroutine count_hits on http_requests r as begin
  select n, at into hits, last from counters c where c.path = r.path;
  from http_requests |> where path = r.path |> aggregate count(*) as n |> insert into counts (n);
  merge into counters c using (values (r.path)) v (path) on c.path = v.path
    when matched then update set n = c.n + 1 when not matched then insert (path, n) values (v.path, 1);
  raise sqlstate 'RD999' using message = 'x' || hits, detail = 'y';
end;
