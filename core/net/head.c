/* The strict reader of HTTP/1 request heads. */
#include "net/head.h"

#include "err.h"

#include <limits.h>
#include <strings.h>

/* tchar of RFC 9110, 5.6.2 */
static bool
is_token_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool
is_token(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_token_char((unsigned char)text.at[i]))
            return false;
    return text.len > 0;
}

static struct span
trim(struct span text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t')) {
        text.at++;
        text.len--;
    }
    while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* METHOD SP TARGET SP HTTP/1.x, one space each. */
static int
parse_request_line(struct head *head, struct span line)
{
    const char *first = memchr(line.at, ' ', line.len);
    const char *last = first ? memrchr(line.at, ' ', line.len) : NULL;
    struct span version;

    if (!last || first == last)
        return HD1_ESYNTAX;
    head->method = (struct span){line.at, (size_t)(first - line.at)};
    head->target = (struct span){first + 1, (size_t)(last - first) - 1};
    version = (struct span){last + 1, (size_t)(line.at + line.len - last) - 1};
    if (!is_token(head->method) || head->target.len == 0 || version.len != 8 ||
        memcmp(version.at, "HTTP/", 5) != 0 || version.at[6] != '.')
        return HD1_ESYNTAX;
    for (size_t i = 0; i < head->target.len; i++) {
        unsigned char c = (unsigned char)head->target.at[i];

        if (c <= ' ' || c >= 0x7f)
            return HD1_ESYNTAX;
    }
    if (version.at[5] != '1' || (version.at[7] != '0' && version.at[7] != '1'))
        return HD1_EVERSION;
    head->minor = version.at[7] - '0';
    return 0;
}

long
head_length(const char *bytes, size_t len, size_t *scanned)
{
    size_t from = *scanned;

    if (len > 0 && !is_token_char((unsigned char)bytes[0]))
        return HD1_ESYNTAX; /* TLS, for one, sends no line feed to wait for */
    for (;;) {
        const char *feed = memchr(bytes + from, '\n', len - from);
        size_t at;

        if (!feed) {
            *scanned = len;
            return 0;
        }
        at = (size_t)(feed - bytes);
        if (at == 0 || bytes[at - 1] != '\r')
            return HD1_ESYNTAX;
        if (!memchr(bytes, '\n', at)) {
            struct head head;

            /* The first line: what is no HTTP/1 at all is not waited for. */
            if (parse_request_line(&head, (struct span){bytes, at - 1}) == HD1_ESYNTAX)
                return HD1_ESYNTAX;
        } else if (bytes[at - 2] == '\n') {
            return at + 1 <= LONG_MAX ? (long)(at + 1) : HD1_ESYNTAX;
        }
        from = at + 1;
    }
}

/* name ":" OWS value OWS; no space before the colon, no folded lines. */
static int
parse_field(struct head_field *field, char *line, size_t len)
{
    char *colon = memchr(line, ':', len);

    if (!colon)
        return HD1_ESYNTAX;
    field->name = (struct span){line, (size_t)(colon - line)};
    field->value = trim((struct span){colon + 1, len - field->name.len - 1});
    if (!is_token(field->name))
        return HD1_ESYNTAX;
    for (char *c = line; c < colon; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    for (size_t i = 0; i < field->value.len; i++) {
        unsigned char c = (unsigned char)field->value.at[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return HD1_ESYNTAX;
    }
    return 0;
}

int
head_parse(struct head *head, char *bytes, size_t len)
{
    char *end = bytes + len - 2; /* without the empty line */
    char *line = bytes;
    char *feed = memchr(line, '\n', len);
    int err;

    head->field_count = 0;
    err = parse_request_line(head, (struct span){line, (size_t)(feed - line) - 1});
    for (line = feed + 1; !err && line < end; line = feed + 1) {
        feed = memchr(line, '\n', (size_t)(end - line));
        if (head->field_count == HEAD_FIELDS_MAX)
            return HD1_ETOOBIG;
        err = parse_field(&head->fields[head->field_count++], line, (size_t)(feed - line) - 1);
    }
    return err;
}

struct span
head_get(const struct head *head, const char *name)
{
    for (size_t i = 0; i < head->field_count; i++)
        if (span_is(head->fields[i].name, name))
            return head->fields[i].value;
    return SPAN_NONE;
}

size_t
head_count(const struct head *head, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < head->field_count; i++)
        count += span_is(head->fields[i].name, name);
    return count;
}

static bool
list_has(struct span list, struct span token)
{
    while (list.len > 0) {
        const char *comma = memchr(list.at, ',', list.len);
        size_t len = comma ? (size_t)(comma - list.at) : list.len;
        struct span item = trim((struct span){list.at, len});

        if (item.len == token.len && strncasecmp(item.at, token.at, token.len) == 0)
            return true;
        list.at += comma ? len + 1 : len;
        list.len -= comma ? len + 1 : len;
    }
    return false;
}

bool
head_has_token(const struct head *head, const char *name, const char *token)
{
    for (size_t i = 0; i < head->field_count; i++)
        if (span_is(head->fields[i].name, name) && list_has(head->fields[i].value, span_of(token)))
            return true;
    return false;
}
