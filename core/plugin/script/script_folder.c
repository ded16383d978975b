/* The folder of world scripts: listing and checking them. */
#include "plugin/script/script_state.h"

#include "err.h"
#include "utf8.h"
#include "json/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* Is it NAME.lua, and not a test that lies beside it? The name without .lua. */
static bool
is_script(const char *file, struct span *name)
{
    size_t len = strlen(file);

    if (len < 5 || strcmp(file + len - 4, ".lua") != 0)
        return false;
    if (strncmp(file, "test_", 5) == 0 || (len > 9 && strcmp(file + len - 9, "_test.lua") == 0))
        return false;
    *name = (struct span){file, len - 4};
    return id_is_valid(*name);
}

static int
select_script(const struct dirent *entry)
{
    struct span name;

    return is_script(entry->d_name, &name);
}

typedef int (*each_fn)(const struct scripts *scripts, const char *name, void *ctx);

/* Calls fn for each script in the order of their names; 0, or the last failure. */
static int
for_each(const struct scripts *scripts, each_fn fn, void *ctx)
{
    struct dirent **entries = NULL;
    int count = scandir(scripts->path, &entries, select_script, alphasort), err = 0, one;

    if (count < 0)
        return HD1_ENOENT;
    for (int i = 0; i < count; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - 4] = '\0';
        one = fn(scripts, entries[i]->d_name, ctx);
        err = one ? one : err;
        free(entries[i]);
    }
    free(entries);
    return err;
}

/* A long line may have been cut inside a character. */
static void
cut_at_fault(char *line)
{
    const char *end = line + strlen(line);
    size_t n = 1;

    while (line < end && (n = utf8_len(line, end)) > 0)
        line += n;
    *line = '\0';
}

/* The first line, if it is a comment, without its dashes. */
static void
read_doc(const struct scripts *scripts, const char *name, char *line, size_t size)
{
    char *path = scripts_file(scripts, name);
    FILE *file = fopen(path, "r");
    size_t dashes;

    free(path);
    if (!file || !fgets(line, (int)size, file) || strncmp(line, "--", 2) != 0)
        line[0] = '\0';
    if (file)
        fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    dashes = strspn(line, "- ");
    memmove(line, line + dashes, strlen(line + dashes) + 1);
    cut_at_fault(line);
}

static int
describe(const struct scripts *scripts, const char *name, void *ctx)
{
    struct buf *out = ctx;
    char doc[512] = "";

    read_doc(scripts, name, doc, sizeof(doc));
    buf_appendf(out, "%s{\"name\":", out->data[out->len - 1] == '[' ? "" : ",");
    json_append_string(out, span_of(name));
    buf_append_str(out, ",\"doc\":");
    json_append_string(out, span_of(doc));
    buf_append_char(out, '}');
    return 0;
}

void
scripts_describe(const struct scripts *scripts, struct buf *out)
{
    buf_append_char(out, '[');
    for_each(scripts, describe, out);
    buf_append_char(out, ']');
}

static int
check_one(const struct scripts *scripts, const char *name, void *ctx)
{
    struct script *script = script_new((struct scripts *)scripts, NULL, span_of(name), ctx);

    script_free(script);
    return script ? 0 : HD1_ESCRIPT;
}

int
scripts_check_one(struct scripts *scripts, const char *name, struct buf *why)
{
    return check_one(scripts, name, why);
}

int
scripts_check(struct scripts *scripts, struct buf *why)
{
    return for_each(scripts, check_one, why);
}
