-- 201 only when the row is durable; the unique constraint is the whole conflict handling.
create table users (
  id bigint generated always as identity primary key,
  email text unique not null,
  created timestamptz not null default now()
);

insert into listeners (protocol, address) values ('http', '127.0.0.1:8080');

create coroutine signup
  on http_requests r where r.method = 'POST' and r.path = '/signup'
as begin
  insert into users (email) values (r.body->>'email') returning id into uid;
  insert into http_responses (request_id, status, body) values (r.id, 201, json_object('id': uid));
exception
  when unique_violation then
    insert into http_responses (request_id, status, body) values (r.id, 409, '{"error":"email taken"}');
  when not_null_violation then
    insert into http_responses (request_id, status, body) values (r.id, 422, '{"error":"email is missing"}');
  when invalid_text_representation then
    insert into http_responses (request_id, status, body) values (r.id, 400, '{"error":"not JSON"}');
end;

create coroutine list
  on http_requests r where r.method = 'GET' and r.path = '/users'
as insert into http_responses (request_id, body)
   select r.id, coalesce(json_agg(json_object('id': id, 'email': email)), '[]')
   from (select id, email from users order by id) listed;
