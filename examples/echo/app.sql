-- Raw sockets: whoever connects is greeted, and hears everything back.
insert into listeners (protocol, address) values ('tcp', '127.0.0.1:7000');

create coroutine greet on connections c where c.protocol = 'tcp'
as insert into network_send (connection_id, data) values (c.id, 'hello world');

create coroutine echo on network_recv r
as insert into network_send (connection_id, data) values (r.connection_id, r.data);
