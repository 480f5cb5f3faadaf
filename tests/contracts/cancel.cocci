// SPDX-License-Identifier: MIT
// A future whose poll has the reactor watch or arm a source has a cancel, too, which disarms it:
// when a cancel is done, the struct may be used again, and nobody may point into it any more. It is
// looked for where the members of the type stand in their order, as they do in reactor/.

@arms@
identifier poll, self, cx;
identifier fn = {edo_reactor_arm_for, edo_reactor_arm_until, edo_reactor_watch};
@@
enum edo_poll poll(struct edo_future *self, struct edo_context *cx)
{
<+...
fn(...)
...+>
}

@must_not@
identifier arms.poll, type;
expression name;
initializer list rest;
@@
* struct edo_future_type type = { name, poll, NULL, rest };
