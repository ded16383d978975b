/* See template.h. */
#include "template.h"

#include "fatal.h"

#include <string.h>

static const struct {
    const char *text;
    enum piece_kind kind;
} placeholders[] = {{"{ts}", PIECE_TIME},
                    {"{seq}", PIECE_SEQ},
                    {"{id}", PIECE_ID},
                    {"{room}", PIECE_ROOM},
                    {"{pad}", PIECE_PAD}};

#define PLACEHOLDERS (sizeof(placeholders) / sizeof(*placeholders))

/* Which one begins here; PLACEHOLDERS if none does. */
static size_t
find_placeholder(const char *at)
{
    size_t i = 0;

    if (*at != '{')
        return PLACEHOLDERS;
    while (i < PLACEHOLDERS && strncmp(at, placeholders[i].text, strlen(placeholders[i].text)) != 0)
        i++;
    return i;
}

static void
add_piece(struct template *template, enum piece_kind kind, const char *from, const char *to)
{
    if (kind == PIECE_TEXT && from == to)
        return;
    template->pieces[template->count++] = (struct piece){kind, from, (size_t)(to - from)};
}

void
template_parse(struct template *template, const char *text)
{
    const char *from = text;

    memset(template, 0, sizeof(*template));
    while (*text) {
        size_t i = find_placeholder(text);

        if (i == PLACEHOLDERS) {
            text++;
            continue;
        }
        if (template->count > TEMPLATE_PIECES_MAX - 4)
            die("too many placeholders");
        add_piece(template, PIECE_TEXT, from, text);
        add_piece(template, placeholders[i].kind, text, text);
        template->pads += placeholders[i].kind == PIECE_PAD;
        text += strlen(placeholders[i].text);
        from = text;
    }
    add_piece(template, PIECE_TEXT, from, text);
}

size_t
template_put_number(char *out, uint64_t number)
{
    char digits[24];
    size_t len = 0;

    do {
        digits[len++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < len; i++)
        out[i] = digits[len - 1 - i];
    return len;
}

/* Of a placeholder, but for {pad}. */
static size_t
put_value(const struct piece *piece, const struct template_values *values, char *out)
{
    switch (piece->kind) {
    case PIECE_TIME:
        return template_put_number(out, TEMPLATE_TIME_BASE + values->time_ns);
    case PIECE_SEQ:
        return template_put_number(out, values->seq);
    case PIECE_ID:
        return template_put_number(out, (uint64_t)values->id);
    case PIECE_ROOM:
        return template_put_number(out, (uint64_t)values->room);
    case PIECE_TEXT:
    case PIECE_PAD:
        break;
    }
    return 0;
}

static size_t
unpadded_len(const struct template *template, const struct template_values *values)
{
    char number[24];
    size_t len = 0;

    for (size_t i = 0; i < template->count; i++)
        len += template->pieces[i].len + put_value(&template->pieces[i], values, number);
    return len;
}

size_t
template_render(const struct template *template, const struct template_values *values,
                size_t target, char *out)
{
    size_t len = 0, each = 0, rest = 0;

    if (template->pads > 0 && target > 0) {
        size_t bare = unpadded_len(template, values), missing = target > bare ? target - bare : 0;

        each = missing / template->pads;
        rest = missing % template->pads; /* for the first one */
    }
    for (size_t i = 0; i < template->count; i++) {
        const struct piece *piece = &template->pieces[i];

        if (piece->kind == PIECE_TEXT) {
            memcpy(out + len, piece->text, piece->len);
            len += piece->len;
        } else if (piece->kind == PIECE_PAD) {
            memset(out + len, 'x', each + rest);
            len += each + rest;
            rest = 0;
        } else {
            len += put_value(piece, values, out + len);
        }
    }
    return len;
}
