/* Lists whose links lie in their elements, against arrays: two lists, each element in one at most.
 */
#include "list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define ELEMENTS 20
#define STEPS 20000

struct element {
    int number;
    struct list link;
};

struct model {
    struct list list;
    int numbers[ELEMENTS];
    size_t count;
};

static void
model_remove(struct model *model, int number)
{
    for (size_t i = 0; i < model->count; i++) {
        if (model->numbers[i] == number) {
            model->count--;
            memmove(&model->numbers[i], &model->numbers[i + 1],
                    (model->count - i) * sizeof(model->numbers[0]));
            return;
        }
    }
}

/* Forwards by the calls, backwards by the links. */
static void
compare(const struct model *model)
{
    const struct list *at = &model->list;

    assert_int_equal(list_is_empty(&model->list), model->count == 0);
    for (size_t i = 0; i < model->count; i++) {
        at = list_next(&model->list, at);
        assert_non_null(at);
        assert_true(list_is_linked(at));
        assert_int_equal(LIST_ELEMENT(at, struct element, link)->number, model->numbers[i]);
    }
    assert_null(list_next(&model->list, at));
    for (size_t i = model->count; i > 0; i--, at = at->prev)
        assert_int_equal(LIST_ELEMENT(at, struct element, link)->number, model->numbers[i - 1]);
    assert_ptr_equal(at, &model->list);
}

static void
step(struct model models[2], struct element *element)
{
    struct model *model = &models[rand() % 2];
    struct list *first;

    switch (rand() % 3) {
    case 0:
        if (!list_is_linked(&element->link))
            model->numbers[model->count++] = element->number;
        list_append(&model->list, &element->link);
        break;
    case 1:
        list_remove(&element->link);
        assert_false(list_is_linked(&element->link));
        model_remove(&models[0], element->number);
        model_remove(&models[1], element->number);
        break;
    default:
        first = list_shift(&model->list);
        assert_int_equal(first != NULL, model->count > 0);
        if (first) {
            assert_false(list_is_linked(first));
            assert_int_equal(LIST_ELEMENT(first, struct element, link)->number, model->numbers[0]);
            model_remove(model, model->numbers[0]);
        }
    }
}

static void
lists_do_what_arrays_do(void **state)
{
    struct element elements[ELEMENTS] = {{0}};
    struct model models[2] = {0};

    (void)state;
    srand(1);
    for (int i = 0; i < ELEMENTS; i++)
        elements[i].number = i;
    list_init(&models[0].list);
    list_init(&models[1].list);
    for (int i = 0; i < STEPS; i++) {
        step(models, &elements[rand() % ELEMENTS]);
        compare(&models[0]);
        compare(&models[1]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_do_what_arrays_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
