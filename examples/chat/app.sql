-- Chat rooms over lines of text. Presence is a foreign key: when a connection goes away, its member
-- row goes with it. There is no callback, no session object and no clean-up code.
create unlogged table members (
  connection_id bigint primary key references connections (id) on delete cascade,
  name text not null,
  room text not null
);

insert into listeners (protocol, address) values ('lines', '127.0.0.1:7001');

create coroutine welcome on connections c where c.protocol = 'lines'
as insert into messages_send (connection_id, text) values (c.id, 'who are you? /join ROOM NAME');

-- /join kitchen ada
create coroutine join_room on messages_recv m where m.text like '/join %'
as begin
  insert into members (connection_id, room, name)
  values (m.connection_id, split_part(m.text, ' ', 2), split_part(m.text, ' ', 3))
  on conflict (connection_id) do update set room = excluded.room, name = excluded.name;
  insert into messages_send (connection_id, text)
  select other.connection_id, me.name || ' has joined ' || me.room
  from members me join members other on other.room = me.room
  where me.connection_id = m.connection_id
  order by other.connection_id;
end;

-- /who
create coroutine who on messages_recv m where m.text = '/who'
as insert into messages_send (connection_id, text)
   select m.connection_id, string_agg(other.name, ', ' order by other.name)
   from members me join members other on other.room = me.room
   where me.connection_id = m.connection_id;

-- Everything else is said to everybody in the room.
create coroutine say on messages_recv m where m.text not like '/%'
as insert into messages_send (connection_id, text)
   select other.connection_id, me.name || ': ' || m.text
   from members me join members other on other.room = me.room
   where me.connection_id = m.connection_id;
