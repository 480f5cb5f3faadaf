// SPDX-License-Identifier: MIT
// What the reactor watches leaves the epoll set before its fd is closed: a duplicate of the fd
// would keep it there, and nobody could take it out any more (close(2), epoll(7)).

@in_order@
struct edo_source *source;
struct edo_io *io;
position p;
@@
(
edo_reactor_unregister(source);
... when != source->fd = ...
close@p(source->fd)
|
edo_reactor_remove_io(&io->registered);
... when != io->registered.fd = ...
close@p(io->registered.fd)
)

@out_of_order@
struct edo_source *source;
struct edo_io *io;
position p != in_order.p;
@@
(
* close@p(source->fd)
|
* close@p(io->registered.fd)
)
