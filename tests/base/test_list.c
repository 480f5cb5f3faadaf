/* SPDX-License-Identifier: MIT */
/* The intrusive list. */
#include "../../reactor/base/sort.h"
#include "helper.h"
#include "suites.h"

struct item {
    struct edo_list link;
    int value;
};

/* The list's values as the digits of a number, first to last; checked backwards as well. */
static int digits(struct edo_list *list)
{
    int forward = 0, backward = 0, unit = 1;

    for (struct edo_list *link = list->next; link != list; link = link->next)
        forward = 10 * forward + edo_container_of(link, struct item, link)->value;
    for (struct edo_list *link = list->prev; link != list; link = link->prev, unit *= 10)
        backward += unit * edo_container_of(link, struct item, link)->value;
    ck_assert_int_eq(forward, backward);
    return forward;
}

static void fill(struct edo_list *list, struct item *items)
{
    edo_list_init(list);
    for (int i = 0; i < 3; i++) {
        items[i].value = i + 1;
        edo_list_append(list, &items[i].link);
    }
}

START_TEST(a_new_list_is_empty)
{
    struct edo_list list;

    edo_list_init(&list);
    ck_assert(edo_list_is_empty(&list));
}
END_TEST

START_TEST(what_is_appended_comes_last)
{
    struct edo_list list;
    struct item items[3];

    fill(&list, items);
    ck_assert_int_eq(digits(&list), 123);
    ck_assert(!edo_list_is_empty(&list));
}
END_TEST

START_TEST(the_middle_the_head_and_the_only_one_can_be_removed)
{
    struct edo_list list;
    struct item items[3];

    fill(&list, items);
    edo_list_remove(&items[1].link);
    ck_assert_int_eq(digits(&list), 13);
    edo_list_remove(&items[0].link);
    ck_assert_int_eq(digits(&list), 3);
    edo_list_remove(&items[2].link);
    ck_assert(edo_list_is_empty(&list));
    edo_list_remove(&items[2].link); /* out already: nothing happens */
    ck_assert(edo_list_is_empty(&list));
}
END_TEST

START_TEST(take_moves_everything_and_leaves_the_other_empty)
{
    struct edo_list from, to;
    struct item items[3];

    fill(&from, items);
    edo_list_take(&to, &from);
    ck_assert_int_eq(digits(&to), 123);
    ck_assert(edo_list_is_empty(&from));
    edo_list_take(&to, &from);
    ck_assert(edo_list_is_empty(&to));
}
END_TEST

static bool item_is_before(const struct edo_list *a, const struct edo_list *b)
{
    return edo_container_of(a, struct item, link)->value / 2 <
           edo_container_of(b, struct item, link)->value / 2;
}

/* By half of their value, so that some are equal. */
START_TEST(sorting_puts_any_number_in_order_and_keeps_equals_as_they_were)
{
    enum { MOST = 300 };
    struct item items[MOST];
    struct edo_list list;
    uint64_t seed = 1;

    for (int count = 0; count < MOST; count++) {
        edo_list_init(&list);
        for (int i = 0; i < count; i++) {
            items[i].value = (int)(draw(&seed) % 100);
            edo_list_append(&list, &items[i].link);
        }
        edo_list_sort(&list, item_is_before);
        for (struct edo_list *at = list.next; at != &list; at = at->next, seed++) {
            ck_assert_ptr_eq(at->next->prev, at);
            if (at->next == &list)
                continue;
            ck_assert(!item_is_before(at->next, at));
            if (!item_is_before(at, at->next)) /* equal: as the array had them */
                ck_assert(edo_container_of(at, struct item, link) <
                          edo_container_of(at->next, struct item, link));
        }
    }
}
END_TEST

static unsigned comparisons;

static bool counted_is_before(const struct edo_list *a, const struct edo_list *b)
{
    comparisons++;
    return item_is_before(a, b);
}

/* 2^10 items, in the worst order and in a random one. */
START_TEST(sorting_n_takes_no_more_than_n_log_n_comparisons)
{
    enum { LOG = 10, COUNT = 1 << LOG, MOST = 2 * COUNT * LOG };
    static struct item items[COUNT];
    struct edo_list list;
    uint64_t seed = 1;

    edo_list_init(&list);
    for (int i = 0; i < COUNT; i++) {
        items[i].value = _i == 0 ? COUNT - i : (int)(draw(&seed) % COUNT);
        edo_list_append(&list, &items[i].link);
    }
    comparisons = 0;
    edo_list_sort(&list, counted_is_before);
    ck_assert_uint_le(comparisons, MOST);
}
END_TEST

/* As most lists are. */
START_TEST(what_is_sorted_is_only_compared_with_its_neighbours)
{
    enum { COUNT = 100 };
    static struct item items[COUNT];
    struct edo_list list;

    edo_list_init(&list);
    for (int i = 0; i < COUNT; i++) {
        items[i].value = i;
        edo_list_append(&list, &items[i].link);
    }
    comparisons = 0;
    edo_list_sort(&list, counted_is_before);
    ck_assert_uint_eq(comparisons, COUNT - 1);
}
END_TEST

START_TEST(a_waker_of_nobody_wakes_nobody)
{
    edo_wake((struct edo_waker){0});
}
END_TEST

Suite *list_suite(void)
{
    Suite *suite = suite_create("list");
    TCase *tcase = tcase_create("list");

    tcase_add_test(tcase, a_new_list_is_empty);
    tcase_add_test(tcase, what_is_appended_comes_last);
    tcase_add_test(tcase, the_middle_the_head_and_the_only_one_can_be_removed);
    tcase_add_test(tcase, take_moves_everything_and_leaves_the_other_empty);
    tcase_add_test(tcase, sorting_puts_any_number_in_order_and_keeps_equals_as_they_were);
    tcase_add_loop_test(tcase, sorting_n_takes_no_more_than_n_log_n_comparisons, 0, 2);
    tcase_add_test(tcase, what_is_sorted_is_only_compared_with_its_neighbours);
    tcase_add_test(tcase, a_waker_of_nobody_wakes_nobody);
    suite_add_tcase(suite, tcase);
    return suite;
}
