/*
 * JSON, strictly (RFC 8259): a check of whole texts, then walks over checked bytes that yield spans
 * into them. Builds no tree, allocates nothing. Leaf; any thread.
 *
 * First json_check() once, over everything that came from outside. All the other functions take
 * spans of bytes that passed it and rely on that; what a value's type does not fit (a member of a
 * number) is answered with false or nothing, so a type need not be asked for first.
 */
#ifndef HD1_JSON_JSON_H
#define HD1_JSON_JSON_H

#include "buf.h"
#include "span.h"

#include <stdint.h>

#define JSON_DEPTH_MAX 32     /* containers inside one another */
#define JSON_MEMBERS_MAX 1024 /* members of one object (bounds the search for duplicate keys) */

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json_error {
    size_t offset;    /* of the byte at fault */
    const char *what; /* static text: "duplicate key", "invalid UTF-8", ... */
};

/*
 * Is text exactly one JSON value, white space around it allowed? Refuses what RFC 8259 refuses, and
 * also: invalid UTF-8 (overlong, surrogates), lone surrogates by \u, more than JSON_DEPTH_MAX
 * levels, more than JSON_MEMBERS_MAX members in an object, two equal keys in an object (compared
 * after unescaping), numbers beyond the range of a double. Returns 0 and *value = the value without
 * the white space around it, or HD1_ESYNTAX and *error filled in (either may be NULL). Time is
 * linear in len, whatever the text; stack: some KiB, and 280 KiB for a text with over 64 keys in
 * open objects.
 */
int json_check(struct span text, struct span *value, struct json_error *error);

/* Of a value span (its first byte tells). */
enum json_type json_type_of(struct span value);

/* Walks the members of an object or the elements of an array. */
struct json_iter {
    const char *at;
    const char *end;
};

void json_iter_init(struct json_iter *iter, struct span container);
/* key is what stands between the quotes, escapes and all. False at the end. */
bool json_next_member(struct json_iter *iter, struct span *key, struct span *value);
bool json_next_element(struct json_iter *iter, struct span *value);

/* Finds a member of an object by its (unescaped) name. value may be NULL. */
bool json_member(struct span object, const char *name, struct span *value);
/* Is this raw key (between the quotes) the given text once unescaped? */
bool json_key_is(struct span key, const char *name);
/* Are two raw keys equal once unescaped? */
bool json_key_eq(struct span a, struct span b);

/*
 * The members of one object, found by key in constant time, however many there are. Lends the
 * object's bytes.
 */
#define JSON_INDEX_FEW 16 /* so many need no heap */

struct json_member {
    struct span key, value; /* the key raw */
    bool is_used;           /* the caller's */
};
struct json_index {
    struct json_member *members; /* in the object's order */
    size_t count, cap;
    uint32_t *slots; /* a hash table of indices plus one, once there are more than a few */
    size_t slot_count;
    struct json_member few[JSON_INDEX_FEW];
};
/* Of an object; its members for which counts(key) is true, all if it is NULL. Do not move it. */
void json_index_init(struct json_index *index, struct span object, bool (*counts)(struct span key));
void json_index_fini(struct json_index *index);
/* The member with this raw key, or NULL. Lent until fini. */
struct json_member *json_index_find(const struct json_index *index, struct span key);

/* The text of a string value without its quotes if it holds no escape; else false. Lends bytes. */
bool json_plain_string(struct span value, struct span *text);
/* Unescapes a string value, appends it to out. A \u0000 becomes a NUL byte. */
void json_append_unescaped(struct buf *out, struct span value);
/*
 * Unescapes a string value into out, with a NUL behind; returns its length, or HD1_EINVAL if value
 * is no string or holds a NUL, or HD1_ETOOBIG if it needs more than size - 1 bytes.
 */
int json_copy_string(struct span value, char *out, size_t size);
/* More members than json_check() lets pass, in an object of which it is known but for that that it
 * is good? */
bool json_is_crowded(struct span object);
/* False if value is no number. */
bool json_number(struct span value, double *number);
/* False unless value is a number without fraction or exponent that fits. */
bool json_integer(struct span value, int64_t *number);

/* Appends text (valid UTF-8) as a JSON string, quotes included. */
void json_append_string(struct buf *out, struct span text);
/* Appends the shortest decimal that reads back as the same double; inf and nan as null. */
void json_append_number(struct buf *out, double number);
/* Appends a value without insignificant white space. */
void json_append_compact(struct buf *out, struct span value);

#endif
