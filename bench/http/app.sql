-- What bench/http asks of Rowtine. The peers beside this file answer the same, byte for byte or as the
-- same JSON; the benchmark compares before it measures.
create table items (id bigint primary key, name text not null, price bigint not null);

create table orders (
  id bigint generated always as identity primary key,
  body text not null
);

insert into items (id, name, price)
select n, 'item ' || n, n * 7 from generate_series(1, 10000) numbers(n)
on conflict (id) do nothing;

create coroutine plaintext
  on http_requests r where r.method = 'GET' and r.path = '/plaintext'
as insert into http_responses (request_id, headers, body)
   values (r.id, json_object('content-type': 'text/plain'), 'Hello, World!');

create coroutine json
  on http_requests r where r.method = 'GET' and r.path = '/json'
as insert into http_responses (request_id, headers, body)
   values (r.id, json_object('content-type': 'application/json'), json_object('message': 'Hello, World!'));

create coroutine item
  on http_requests r where r.method = 'GET' and r.path = '/items'
as insert into http_responses (request_id, headers, body)
   select r.id, json_object('content-type': 'application/json'),
          json_object('id': i.id, 'name': i.name, 'price': i.price)
   from items i where i.id = (r.query->>'id')::bigint;

create coroutine order_in
  on http_requests r where r.method = 'POST' and r.path = '/orders'
as begin
  insert into orders (body) values (r.body->>'note') returning id into order_id;
  insert into http_responses (request_id, status, headers, body)
  values (r.id, 201, json_object('content-type': 'application/json'), json_object('id': order_id));
end;

insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
