/* For a script that is run again: is the world still as it wants it? */
#include "json/json_equal.h"

#include "json/json.h"

static bool
members_equal(struct span a, struct span b)
{
    struct json_iter in_a, in_b;
    struct span key_a, key_b, value_a, value_b;
    size_t count_a = 0, count_b = 0;
    bool is_found;

    json_iter_init(&in_b, b);
    while (json_next_member(&in_b, &key_b, &value_b))
        count_b++;
    json_iter_init(&in_a, a);
    while (json_next_member(&in_a, &key_a, &value_a)) {
        count_a++;
        is_found = false;
        json_iter_init(&in_b, b);
        while (!is_found && json_next_member(&in_b, &key_b, &value_b))
            is_found = json_key_eq(key_a, key_b);
        if (!is_found || !json_equal(value_a, value_b))
            return false;
    }
    return count_a == count_b;
}

static bool
elements_equal(struct span a, struct span b)
{
    struct json_iter in_a, in_b;
    struct span value_a, value_b;
    bool has_a, has_b;

    json_iter_init(&in_a, a);
    json_iter_init(&in_b, b);
    for (;;) {
        has_a = json_next_element(&in_a, &value_a);
        has_b = json_next_element(&in_b, &value_b);
        if (!has_a || !has_b)
            return has_a == has_b;
        if (!json_equal(value_a, value_b))
            return false;
    }
}

static bool
strings_equal(struct span a, struct span b)
{
    struct span key_a = {a.at + 1, a.len - 2}, key_b = {b.at + 1, b.len - 2};

    return json_key_eq(key_a, key_b);
}

bool
json_equal(struct span a, struct span b)
{
    enum json_type type = json_type_of(a);
    double number_a = 0, number_b = 0;

    if (type != json_type_of(b))
        return false;
    switch (type) {
    case JSON_OBJECT:
        return members_equal(a, b);
    case JSON_ARRAY:
        return elements_equal(a, b);
    case JSON_STRING:
        return strings_equal(a, b);
    case JSON_NUMBER:
        return json_number(a, &number_a) && json_number(b, &number_b) && number_a == number_b;
    default:
        return true;
    }
}
