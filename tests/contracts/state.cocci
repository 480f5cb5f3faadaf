// SPDX-License-Identifier: MIT
// The state of a future is changed by edo_future_goto and by nobody else, so that a breakpoint, a
// trace and a probe there see every step. Before its first step edo_future_init sets it.

@may@
identifier fn = {edo_future_goto, edo_future_init};
expression at, value;
position p;
@@
fn(...)
{
<+...
at->state@p = value
...+>
}

@must_not@
struct edo_future *future;
struct edo_future inside;
expression value;
position p != may.p;
@@
(
* future->state@p = value
|
* inside.state@p = value
)
