/* FILE:LINE for faults in the table that a plugin returns, where Lua itself knows no line any more.
 */
#include "plugin/plugin_state.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool
is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Is the word that ends at `end` something's key: `word = `, `["word"] = `? Not that of a local or
 * of a field, which are set elsewhere than in the table. */
static bool
is_key(const char *line, const char *at, const char *end)
{
    if (*end == '"' || *end == '\'')
        end++;
    if (*end == ']')
        end++;
    end += strspn(end, " \t");
    while (at > line && strchr(" \t", at[-1]))
        at--;
    return end[0] == '=' && end[1] != '=' && (at == line || at[-1] != '.') &&
           (at - line < 5 || strncmp(at - 5, "local", 5) != 0);
}

enum found { FOUND_NOT, FOUND_WORD, FOUND_KEY };

static enum found
find_word(const char *line, const char *word)
{
    size_t len = strlen(word);
    enum found found = FOUND_NOT;

    for (const char *at = strstr(line, word); at; at = strstr(at + 1, word)) {
        if ((at > line && is_of_word(at[-1])) || is_of_word(at[len]))
            continue;
        if (is_key(line, at, at + len))
            return FOUND_KEY;
        found = FOUND_WORD;
    }
    return found;
}

/* The first line that has it as a key, else the first that has it; 0 if none has. */
static int
find_line(const char *path, const char *word)
{
    FILE *file = fopen(path, "r");
    enum found found = FOUND_NOT, best = FOUND_NOT;
    char line[1024];
    int number = 0, best_number = 0;

    if (!file)
        return 0;
    while (best != FOUND_KEY && fgets(line, sizeof(line), file)) {
        number++;
        found = find_word(line, word);
        if (found > best) {
            best = found;
            best_number = number;
        }
    }
    fclose(file);
    return best_number;
}

int64_t
plugin_hash_file(const char *path)
{
    FILE *file = fopen(path, "r");
    uint64_t hash = 0xcbf29ce484222325u;
    int c;

    while (file && (c = getc(file)) != EOF)
        hash = (hash ^ (unsigned char)c) * 0x100000001b3u;
    if (file)
        fclose(file);
    return (int64_t)(hash >> 12); /* 52 bits: exact in any JSON */
}

void
plugin_append_where(const struct plugin *plugin, const char *word, struct buf *out)
{
    int line = word && *word ? find_line(plugin->path, word) : 0;

    buf_append_str(out, plugin->path);
    if (line > 0)
        buf_appendf(out, ":%d", line);
}

/* Beyond so many bytes nobody reads on. */
#define FAULTS_MAX 16384

void
plugin_fault_at(struct plugin *plugin, const char *word, const char *format, ...)
{
    char what[512];
    va_list args;

    if (plugin->faults.len > FAULTS_MAX)
        return;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    plugin_append_where(plugin, word, &plugin->faults);
    buf_appendf(&plugin->faults, ": %s\n", what);
}

void
plugin_fault_configured(struct plugin *plugin, const char *what)
{
    if (plugin->faults.len <= FAULTS_MAX)
        buf_appendf(&plugin->faults, "%s: plugin %s: %s\n", plugin->where, plugin->name, what);
}

void
plugin_fail_at(lua_State *L, const struct plugin *plugin, const char *word, const char *format, ...)
{
    int line = word && *word ? find_line(plugin->path, word) : 0;
    char what[512];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (line > 0)
        lua_pushfstring(L, "%s:%d: %s", plugin->path, line, what);
    else
        lua_pushfstring(L, "%s: %s", plugin->path, what);
    lua_error(L);
    abort(); /* lua_error does not return, but does not say so */
}
