/*
 * JSON Schema: compiled once, then it judges checked JSON text, of which it builds nothing.
 *
 * Of draft 2020-12 there is: type, const, enum, minimum, maximum, minLength, maxLength, items,
 * maxItems, required, properties, additionalProperties; and, said about a schema and not checked by
 * it, $schema, title, description and examples. Any other keyword is refused, so that a schema
 * never promises what nobody checks. Numbers are judged as the doubles that they are read as; const
 * and enum compare simple values only. Leaf; a compiled schema is not changed any more and good for
 * all threads.
 */
#ifndef HD1_JSON_JSON_SCHEMA_H
#define HD1_JSON_JSON_SCHEMA_H

#include "buf.h"
#include "span.h"

#define JSON_SCHEMA_LIST_MAX 256  /* values of one enum, names in one required */
#define JSON_SCHEMA_NAME_MAX 1024 /* bytes of a property's name, or of a string of an enum */
#define JSON_SCHEMA_TOLD_MAX 128  /* bytes of a key, with its escapes, that is told in a path */

struct json_schema;

/* What of a value breaks the schema: the first that does, as it stands in the text; what is missing
 * from an object comes after what is in it. */
struct json_schema_fault {
    struct buf path;     /* a JSON Pointer (RFC 6901), "" for the value itself; it ends before a key
                            that is too long to be told. The caller's to free */
    const char *message; /* goes on where the path ends: "must be a number"; lent by the schema */
};

/*
 * Of a text that passed json_check(), which is not needed afterwards. The caller frees it. NULL,
 * with a line appended to why ("schema at /properties/x: minimum must be a number"): it is no
 * schema.
 */
struct json_schema *json_schema_new(struct span text, struct buf *why);
void json_schema_free(struct json_schema *schema);
/* Its memory. */
size_t json_schema_bytes(const struct json_schema *schema);

/* May an object that is to keep to it have a member of that name? (A plain one, without escapes.)
 */
bool json_schema_admits(const struct json_schema *schema, struct span name);

/*
 * Does the value, which passed json_check(), keep to the schema? If not, fault is filled in, whose
 * path is emptied first; else it is left alone. Allocates only then. Time is linear in the text's
 * length, whatever the schema.
 */
bool json_schema_accepts(const struct json_schema *schema, struct span value,
                         struct json_schema_fault *fault);

#endif
