/* SPDX-License-Identifier: MIT */
/* remote.pml - a model, for Spin, of how a notice reaches a runtime that may be asleep: what
 * kernel/remote.c does with its two flags and its stack, step by step. Each step that is atomic
 * there is one here, and memory is sequentially consistent.
 *
 * The bug of the control, -DTAKES_BEFORE_IT_SAYS: the runtime looks at the stack first, and then
 * says that it is about to sleep. A post between the two is slept over. */
#define POSTERS 2
#define POSTS 2

bool is_awaited, is_event;   /* the flag; the eventfd has something to report */
bool is_posted[POSTERS];     /* a notice for each poster */
bool is_on_stack[POSTERS];
byte written[POSTERS];       /* what the poster wrote before it posted */
byte seen[POSTERS];          /* what the one who waits has read of it */
byte ended;

/* edo_notice_post */
proctype poster(byte it)
{
    byte i;
    bool was;

    for (i : 1 .. POSTS) {
        written[it]++;
        atomic { was = is_posted[it]; is_posted[it] = true }
        if
        :: was
        :: else ->
            is_on_stack[it] = true;
            atomic { was = is_awaited; is_awaited = false }
            if
            :: was -> is_event = true
            :: else
            fi
        fi
    }
    ended++
}

/* edo_remote_take */
inline take()
{
    atomic {
        has_taken = false;
        for (i : 0 .. POSTERS - 1) {
            taken[i] = is_on_stack[i];
            is_on_stack[i] = false
        }
    }
    for (i : 0 .. POSTERS - 1) {
        if
        :: taken[i] ->
            is_posted[i] = false;
            seen[i] = written[i];
            has_taken = true
        :: else
        fi
    }
}

/* The loop: it looks, falls asleep if nothing has come, and wakes up when the eventfd says so. */
active proctype runtime()
{
    byte i;
    bool has_taken, taken[POSTERS];

    for (i : 0 .. POSTERS - 1) {
        run poster(i)
    }
    do
    ::
#ifdef TAKES_BEFORE_IT_SAYS
        take();
        is_awaited = true;
#else
        is_awaited = true;
        take();
#endif
        if
        :: has_taken
        :: else ->
end_asleep:
            is_event -> is_event = false
        fi
        is_awaited = false;
        take()
    od
}

/* When nobody can go on any more, the runtime sleeps. */
active proctype monitor()
{
    byte i;

    timeout;
    assert(ended == POSTERS);
    for (i : 0 .. POSTERS - 1) {
        assert(seen[i] == written[i])
    }
}
