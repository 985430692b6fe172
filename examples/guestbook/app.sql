-- A page with a form. The table is durable: a signature is answered when it is on disk.
create table guestbook (
  id bigint generated always as identity primary key,
  name text not null check (length(name) between 1 and 80),
  message text not null check (length(message) between 1 and 1000),
  signed timestamptz not null default now()
);

insert into listeners (protocol, address) values ('http', '127.0.0.1:8080');

create coroutine show_page
  on http_requests r where r.method = 'GET' and r.path = '/'
as insert into http_responses (request_id, headers, body)
   select r.id, json_object('content-type': 'text/html; charset=utf-8'), $$<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Guestbook</title>
<style>
  body { font: 17px/1.5 system-ui, sans-serif; max-width: 38rem; margin: 3rem auto; padding: 0 1rem; color: #1d2430; background: #faf8f4 }
  form { display: grid; gap: .6rem; padding: 1.2rem; background: #fff; border: 1px solid #e4dfd4; border-radius: 10px }
  input, textarea, button { font: inherit; padding: .5rem .7rem; border: 1px solid #cfc8b8; border-radius: 6px }
  button { background: #1f6f5c; color: #fff; border: 0; cursor: pointer }
  article { border-top: 1px solid #e4dfd4; padding: .9rem 0 }
  article b { color: #1f6f5c } time { float: right; color: #8a8474; font-size: .85em }
  p { margin: .2rem 0 0; white-space: pre-wrap }
</style>
<h1>Guestbook</h1>
<form method="post" action="/sign">
  <input name="name" placeholder="Your name" maxlength="80" required>
  <textarea name="message" rows="3" placeholder="Say something" maxlength="1000" required></textarea>
  <button>Sign</button>
</form>
$$ || coalesce(string_agg(
     '<article><b>' || html_escape(name) || '</b> <time>' || to_char(signed, 'YYYY-MM-DD HH24:MI')
     || '</time><p>' || html_escape(message) || '</p></article>', E'\n' order by id desc),
     '<p>Nobody has signed yet.</p>')
   from guestbook;

create coroutine sign
  on http_requests r where r.method = 'POST' and r.path = '/sign'
as begin
  insert into guestbook (name, message) values (trim(r.form->>'name'), trim(r.form->>'message'));
  insert into http_responses (request_id, status, headers)
  values (r.id, 303, json_object('location': '/'));
exception when check_violation or not_null_violation then
  insert into http_responses (request_id, status, body)
  values (r.id, 422, 'A name of 1 to 80 and a message of 1 to 1000 characters, please.');
end;

create coroutine entries
  on http_requests r where r.method = 'GET' and r.path = '/entries.json'
as insert into http_responses (request_id, body)
   select r.id, coalesce(json_agg(json_object('id': id, 'name': name, 'message': message)), '[]')
   from (select id, name, message from guestbook order by id) signed;
