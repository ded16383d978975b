/* Sorting lines by the place that each begins with. */
#include "fault_lines.h"

#include <stdlib.h>
#include <string.h>

struct fault {
    struct span text; /* with its newline */
    struct span file;
    size_t file_rank; /* 0: of the first file; else the number of its first line */
    long line;        /* 0: not said */
};

/* "FILE:12: ", or "FILE: ". */
static void
read_place(struct fault *fault)
{
    const char *at = fault->text.at, *end = at + fault->text.len;

    fault->file = fault->text;
    fault->line = 0;
    while ((at = memchr(at, ':', (size_t)(end - at)))) {
        size_t digits = strspn(at + 1, "0123456789");

        fault->file.len = (size_t)(at - fault->text.at);
        if (digits > 0 && at[1 + digits] == ':')
            fault->line = strtol(at + 1, NULL, 10);
        if (at[1 + digits] == ':' || at[1] == ' ')
            return;
        at++;
    }
    fault->file = fault->text;
}

static int
compare(const void *left, const void *right)
{
    const struct fault *a = left, *b = right;

    if (a->file_rank != b->file_rank)
        return a->file_rank < b->file_rank ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return span_cmp(a->text, b->text);
}

static size_t
rank_of(const struct fault *faults, size_t count, const char *first)
{
    if (first && span_is(faults[count].file, first))
        return 0;
    for (size_t i = 0; i < count; i++)
        if (span_eq(faults[i].file, faults[count].file))
            return i + 1;
    return count + 1;
}

void
fault_lines_sort(struct buf *lines, const char *first)
{
    struct buf sorted = BUF_INIT;
    struct fault *faults = NULL;
    size_t count = 0, cap = 0;
    const char *at, *end;

    if (lines->len > 0 && lines->data[lines->len - 1] != '\n')
        buf_append_char(lines, '\n');
    at = buf_cstr(lines);
    for (; (end = strchr(at, '\n')); at = end + 1) {
        faults = mem_grow(faults, count, &cap, sizeof(*faults));
        faults[count].text = (struct span){at, (size_t)(end + 1 - at)};
        read_place(&faults[count]);
        faults[count].file_rank = rank_of(faults, count, first);
        count++;
    }
    if (count > 0)
        qsort(faults, count, sizeof(*faults), compare);
    for (size_t i = 0; i < count; i++)
        buf_append_span(&sorted, faults[i].text);
    free(faults);
    buf_fini(lines);
    *lines = sorted;
}
