#include "branches.h"

#include "../base/container_of.h"
#include "../kernel/reactor.h"

static struct edo_branch *branch_of(struct edo_list *link)
{
    return edo_container_of(link, struct edo_branch, link);
}

static bool is_woken(const struct edo_branch *branch)
{
    return !edo_list_is_empty(&branch->link);
}

/* Its index, counted from `first` on and round the end. */
static size_t rank(const struct edo_branch *branch)
{
    const struct edo_branches *branches = branch->branches;
    size_t index = (size_t)(branch - branches->array);

    return index >= branches->first ? index - branches->first
                                    : index + branches->count - branches->first;
}

static bool is_before(const struct edo_branch *a, const struct edo_branch *b)
{
    if (!a->branches->is_ordered)
        return false;
    return a->woken_ns != b->woken_ns ? a->woken_ns < b->woken_ns : rank(a) < rank(b);
}

/* Wakes mostly come in order, so the walk is usually over at its first step. */
static void insert_woken(struct edo_branch *branch)
{
    struct edo_list *woken = &branch->branches->woken;
    struct edo_list *at = woken->prev;

    while (at != woken && is_before(branch, branch_of(at)))
        at = at->prev;
    edo_list_insert_after(at, &branch->link);
}

/* A child's waker. */
static void branch_wake(void *data)
{
    struct edo_branch *branch = data;
    struct edo_branches *branches = branch->branches;

    if (is_woken(branch) || edo_future_has_ended(branch->child))
        return;
    branch->woken_ns = branches->reactor ? branches->reactor->woken_ns : 0;
    insert_woken(branch);
    edo_wake(branches->waker);
}

void edo_branches_init(struct edo_branches *branches, struct edo_branch *array, size_t count)
{
    *branches = (struct edo_branches){.array = array, .count = count};
    edo_list_init(&branches->woken);
    edo_list_init(&branches->turn);
}

void edo_branches_start(struct edo_branches *branches)
{
    branches->live = branches->count;
    for (size_t i = 0; i < branches->count; i++) {
        size_t index = (branches->first + i) % branches->count;
        struct edo_branch *branch = &branches->array[index];

        branch->branches = branches;
        edo_list_append(&branches->woken, &branch->link);
    }
}

void edo_branches_begin(struct edo_branches *branches, const struct edo_context *cx)
{
    branches->waker = cx->waker;
    branches->reactor = cx->reactor;
    edo_list_take(&branches->turn, &branches->woken);
}

struct edo_branch *edo_branches_next_ended(struct edo_branches *branches,
                                           const struct edo_context *cx)
{
    struct edo_context child_cx = *cx;

    while (!edo_list_is_empty(&branches->turn)) {
        struct edo_branch *branch = branch_of(branches->turn.next);

        edo_list_remove(&branch->link);
        child_cx.waker = (struct edo_waker){branch_wake, branch};
        if (edo_future_has_ended(branch->child) ||
            edo_future_poll(branch->child, &child_cx) == EDO_READY) {
            branches->live--;
            edo_list_remove(&branch->link); /* it may have woken itself in its last poll */
            return branch;
        }
    }
    return NULL;
}

enum edo_poll edo_branches_finish(struct edo_branches *branches, const struct edo_context *cx)
{
    while (edo_branches_next_ended(branches, cx) != NULL)
        ;
    return branches->live == 0 ? EDO_READY : EDO_PENDING;
}

enum edo_poll edo_branches_poll(struct edo_branches *branches, const struct edo_context *cx)
{
    edo_branches_begin(branches, cx);
    return edo_branches_finish(branches, cx);
}

bool edo_branches_cancel(struct edo_branches *branches)
{
    branches->live = 0;
    for (size_t i = 0; i < branches->count; i++) {
        if (edo_future_cancel(branches->array[i].child))
            edo_list_remove(&branches->array[i].link);
        else
            branches->live++;
    }
    return branches->live == 0;
}
