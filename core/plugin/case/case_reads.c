/* Noting what a call looks up. */
#include "plugin/case/case_reads.h"

#define LOOK_BACK 16 /* objects that are compared with a new one */

void
case_reads_fini(struct case_reads *reads)
{
    buf_fini(&reads->keys);
}

void
case_reads_begin(struct case_reads *reads)
{
    reads->session_count = reads->object_count = reads->last_key = 0;
    reads->is_session_missing = reads->is_key_missing = false;
    buf_clear(&reads->keys);
}

void
case_reads_session(struct case_reads *reads, const struct session *session)
{
    for (size_t i = 0; i < reads->session_count; i++)
        if (reads->sessions[i] == session)
            return;
    if (reads->session_count < CASE_READ_SESSIONS)
        reads->sessions[reads->session_count++] = session;
    else
        reads->is_session_missing = true;
}

void
case_reads_object(struct case_reads *reads, const struct object *object)
{
    size_t count = reads->object_count;

    for (size_t i = count; i > 0 && count - i < LOOK_BACK; i--)
        if (reads->objects[(i - 1) % CASE_READ_OBJECTS] == object)
            return;
    reads->objects[count % CASE_READ_OBJECTS] = object;
    reads->object_count++;
}

/* The older half goes. */
static void
forget_keys(struct case_reads *reads)
{
    const char *half = reads->keys.data + reads->keys.len / 2;
    size_t rest = (size_t)(reads->keys.data + reads->keys.len - half);
    const char *end = memchr(half, '\0', rest);

    buf_consume(&reads->keys, (size_t)(end - reads->keys.data) + 1);
    reads->is_key_missing = true;
}

void
case_reads_key(struct case_reads *reads, struct span key)
{
    struct span last = {reads->keys.data + reads->last_key, reads->keys.len - reads->last_key};

    if (last.len == key.len + 1 && memcmp(last.at, key.at, key.len) == 0)
        return;
    if (reads->keys.len + key.len + 1 > CASE_READ_KEYS_BYTES)
        forget_keys(reads);
    reads->last_key = reads->keys.len;
    buf_append_span(&reads->keys, key);
    buf_append_char(&reads->keys, '\0');
}
