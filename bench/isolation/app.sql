-- What bench/isolation asks for while TPC-H's queries run: a row by its key.
create table items (id bigint primary key, name text not null, price bigint not null);

insert into items (id, name, price) select n, 'item ' || n, n * 7 from generate_series(1, 10000) numbers(n);

create coroutine item
  on http_requests r where r.method = 'GET' and r.path = '/items'
as insert into http_responses (request_id, headers, body)
   select r.id, json_object('content-type': 'application/json'),
          json_object('id': i.id, 'name': i.name, 'price': i.price)
   from items i where i.id = (r.query->>'id')::bigint;

insert into listeners (protocol, address) values ('http', '127.0.0.1:0');
