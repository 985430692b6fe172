-- A server in three statements: a listener, and a coroutine per route.
insert into listeners (protocol, address) values ('http', '127.0.0.1:8080');

create coroutine hello
  on http_requests r where r.path = '/hello'
as insert into http_responses (request_id, body) values (r.id, 'hello');

create coroutine greet
  on http_requests r where r.path = '/greet'
as insert into http_responses (request_id, body)
   values (r.id, 'hello, ' || coalesce(r.query->>'name', 'stranger'));

-- Everything the server is doing is a table: this route asks how often each route was called.
create coroutine counts
  on http_requests r where r.path = '/counts'
as insert into http_responses (request_id, body)
   select r.id, json_object_agg(path, n)
   from (select path, count(*) as n from http_requests group by path order by path) routes;
