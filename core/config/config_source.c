/* A few of Lua's tokens, to find lines by. */
#include "config/config_source.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>

#define FILE_MAX (1024 * 1024)

enum token_type { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_OTHER };

struct scanner {
    const char *at, *end;
    int line;
    int depth; /* of braces */
    /* the token just read */
    enum token_type type;
    struct span text;
    int token_line;
};

void
config_source_read(const char *file, struct buf *text)
{
    FILE *stream = fopen(file, "r");
    size_t n;

    if (!stream)
        return;
    do {
        n = fread(buf_reserve(text, 4096), 1, 4096, stream);
        text->len += n;
    } while (n > 0 && text->len < FILE_MAX);
    fclose(stream);
}

static bool
sees(const struct scanner *scanner, const char *text)
{
    size_t len = strlen(text);

    return (size_t)(scanner->end - scanner->at) >= len && memcmp(scanner->at, text, len) == 0;
}

static void
step(struct scanner *scanner)
{
    scanner->line += *scanner->at == '\n';
    scanner->at++;
}

static void
skip_past(struct scanner *scanner, const char *text)
{
    while (scanner->at < scanner->end && !sees(scanner, text))
        step(scanner);
    for (size_t i = strlen(text); i > 0 && scanner->at < scanner->end; i--)
        step(scanner);
}

static void
skip_space(struct scanner *scanner)
{
    while (scanner->at < scanner->end)
        if (sees(scanner, "--[["))
            skip_past(scanner, "]]");
        else if (sees(scanner, "--"))
            skip_past(scanner, "\n");
        else if (isspace((unsigned char)*scanner->at))
            step(scanner);
        else
            break;
}

static void
read_string(struct scanner *scanner)
{
    char quote = *scanner->at++;

    scanner->text.at = scanner->at;
    while (scanner->at < scanner->end && *scanner->at != quote && *scanner->at != '\n') {
        if (*scanner->at == '\\' && scanner->at + 1 < scanner->end)
            step(scanner);
        step(scanner);
    }
    scanner->text.len = (size_t)(scanner->at - scanner->text.at);
    if (scanner->at < scanner->end)
        step(scanner);
}

static void
read_name(struct scanner *scanner)
{
    scanner->text.at = scanner->at;
    while (scanner->at < scanner->end &&
           (isalnum((unsigned char)*scanner->at) || *scanner->at == '_'))
        scanner->at++;
    scanner->text.len = (size_t)(scanner->at - scanner->text.at);
}

static void
read_other(struct scanner *scanner)
{
    scanner->text = (struct span){scanner->at, 1};
    scanner->depth += (*scanner->at == '{') - (*scanner->at == '}');
    scanner->at++;
}

/* Reads the next token; false at the end. */
static bool
next(struct scanner *scanner)
{
    skip_space(scanner);
    scanner->token_line = scanner->line;
    if (scanner->at >= scanner->end) {
        scanner->type = TOKEN_END;
        return false;
    }
    if (*scanner->at == '"' || *scanner->at == '\'') {
        scanner->type = TOKEN_STRING;
        read_string(scanner);
    } else if (isalnum((unsigned char)*scanner->at) || *scanner->at == '_') {
        scanner->type = TOKEN_NAME;
        read_name(scanner);
    } else {
        scanner->type = TOKEN_OTHER;
        read_other(scanner);
    }
    return true;
}

/* Is the token just read followed by `=` (as a key is), a `]` in between allowed? */
static bool
is_key(struct scanner scanner)
{
    if (scanner.type != TOKEN_NAME && scanner.type != TOKEN_STRING)
        return false;
    if (scanner.type == TOKEN_STRING && (!next(&scanner) || !span_is(scanner.text, "]")))
        return false;
    return next(&scanner) && span_is(scanner.text, "=");
}

/* Reads up to the key of that name at that depth of braces (-1: at any). */
static bool
find_key(struct scanner *scanner, struct span key, int depth)
{
    while (next(scanner))
        if (span_eq(scanner->text, key) && (depth < 0 || scanner->depth == depth) &&
            is_key(*scanner))
            return true;
    return false;
}

static struct scanner
scan(struct span text)
{
    return (struct scanner){.at = text.at, .end = text.at + text.len, .line = 1};
}

static bool
enter(struct scanner *scanner, struct span text, const char *section)
{
    *scanner = scan(text);
    return !section[0] || find_key(scanner, span_of(section), 1);
}

int
config_source_key_line(struct span text, const char *section, struct span key)
{
    struct scanner scanner;

    if (!text.at)
        return 0;
    if (enter(&scanner, text, section) && find_key(&scanner, key, section[0] ? 2 : 1))
        return scanner.token_line;
    scanner = scan(text); /* not written in the usual way: take the first of that name */
    return find_key(&scanner, key, -1) ? scanner.token_line : 0;
}

int
config_source_item_line(struct span text, const char *section, struct span item, size_t nth)
{
    struct scanner scanner;

    if (!text.at || !enter(&scanner, text, section))
        return 0;
    while (next(&scanner))
        if (scanner.type == TOKEN_STRING && span_eq(scanner.text, item) && nth-- == 0)
            return scanner.token_line;
    return 0;
}
