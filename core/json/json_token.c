/* The check of scalars: strings with their escapes and UTF-8, numbers, and the three words. */
#include "json/json.h"

#include "utf8.h"
#include "json/json_impl.h"

/* What a byte means inside a string. */
enum { CHAR_PLAIN, CHAR_QUOTE, CHAR_ESCAPE, CHAR_CONTROL, CHAR_WIDE };

#define TIMES_16(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
#define TIMES_64(x) TIMES_16(x), TIMES_16(x), TIMES_16(x), TIMES_16(x)

static const unsigned char char_class[256] = {
    TIMES_16(CHAR_CONTROL), TIMES_16(CHAR_CONTROL),       ['"'] = CHAR_QUOTE,
    ['\\'] = CHAR_ESCAPE,   [0x80] = TIMES_64(CHAR_WIDE), TIMES_64(CHAR_WIDE),
};

bool
json_fault(struct json_text *text, const char *at, const char *what)
{
    text->error.offset = (size_t)(at - text->start);
    text->error.what = at < text->end ? what : "unexpected end";
    return false;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_unicode_escape(const struct json_text *text)
{
    return text->end - text->at >= 2 && text->at[0] == '\\' && text->at[1] == 'u';
}

/* The \uXXXX at hand. */
static bool
check_hex(struct json_text *text)
{
    text->at += 2;
    for (int i = 0; i < 4; i++) {
        if (!is_hex(json_peek(text)))
            return json_fault(text, text->at, "hexadecimal digit expected");
        text->at++;
    }
    return true;
}

/* Of the valid \uXXXX at escape: 0 no surrogate, 1 the first of a pair, 2 the second. */
static int
surrogate_half(const char *escape)
{
    char third = escape[3] | 0x20;

    if ((escape[2] | 0x20) != 'd' || third < '8')
        return 0;
    return third <= 'b' ? 1 : 2;
}

/* A \uXXXX, or two that make a pair. */
static bool
check_unicode(struct json_text *text)
{
    const char *first = text->at;
    const char *second;
    int half;

    if (!check_hex(text))
        return false;
    half = surrogate_half(first);
    if (half == 0)
        return true;
    if (half == 1 && text->at == text->end)
        return json_fault(text, text->end, NULL);
    if (half == 2 || !is_unicode_escape(text))
        return json_fault(text, first, "lone surrogate");
    second = text->at;
    if (!check_hex(text))
        return false;
    return surrogate_half(second) == 2 || json_fault(text, first, "lone surrogate");
}

static bool
check_escape(struct json_text *text)
{
    if (is_unicode_escape(text))
        return check_unicode(text);
    if (text->end - text->at < 2)
        return json_fault(text, text->end, NULL);
    if (!strchr("\"\\/bfnrt", text->at[1]) || text->at[1] == '\0')
        return json_fault(text, text->at, "invalid escape");
    text->at += 2;
    return true;
}

static bool
check_wide(struct json_text *text)
{
    size_t len = utf8_len(text->at, text->end);

    if (len == 0)
        return json_fault(text, text->at, "invalid UTF-8");
    text->at += len;
    return true;
}

/* Moves to the next byte of a string that is not plain. */
static int
skip_plain(struct json_text *text)
{
    const char *at = text->at;
    const char *end = text->end;

    while (at < end && char_class[(unsigned char)*at] == CHAR_PLAIN)
        at++;
    text->at = at;
    return char_class[(unsigned char)json_peek(text)];
}

bool
json_check_string(struct json_text *text)
{
    bool is_good = true;

    text->at++;
    while (is_good) {
        switch (skip_plain(text)) {
        case CHAR_QUOTE:
            text->at++;
            return true;
        case CHAR_ESCAPE:
            is_good = check_escape(text);
            break;
        case CHAR_WIDE:
            is_good = check_wide(text);
            break;
        default: /* CHAR_CONTROL, or the NUL that stands for the end */
            return json_fault(text, text->at, "control character in a string");
        }
    }
    return false;
}

/* At least one digit. */
static bool
check_digits(struct json_text *text)
{
    if (!is_digit(json_peek(text)))
        return json_fault(text, text->at, "digit expected");
    while (is_digit(json_peek(text)))
        text->at++;
    return true;
}

static bool
check_whole(struct json_text *text)
{
    const char *first = text->at;

    if (!check_digits(text))
        return false;
    if (*first == '0' && text->at > first + 1)
        return json_fault(text, first, "leading zero");
    return true;
}

static bool
check_fraction(struct json_text *text)
{
    if (json_peek(text) != '.')
        return true;
    text->at++;
    return check_digits(text);
}

static bool
check_exponent(struct json_text *text)
{
    if (json_peek(text) != 'e' && json_peek(text) != 'E')
        return true;
    text->at++;
    if (json_peek(text) == '+' || json_peek(text) == '-')
        text->at++;
    return check_digits(text);
}

/* Only an exponent, or more than 308 digits, can lead out of a double's range. */
static bool
check_number(struct json_text *text)
{
    const char *start = text->at;
    const char *mantissa_end;

    if (*start == '-')
        text->at++;
    if (!check_whole(text) || !check_fraction(text))
        return false;
    mantissa_end = text->at;
    if (!check_exponent(text))
        return false;
    if (text->at == mantissa_end && text->at - start <= 308)
        return true;
    return json_number_fits((struct span){start, (size_t)(text->at - start)}) ||
           json_fault(text, start, "number out of range");
}

static bool
check_word(struct json_text *text, struct span word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (json_peek(text) != word.at[i])
            return json_fault(text, text->at, "unexpected character");
        text->at++;
    }
    return true;
}

bool
json_check_scalar(struct json_text *text)
{
    switch (json_peek(text)) {
    case '"':
        return json_check_string(text);
    case 'n':
        return check_word(text, SPAN("null"));
    case 't':
        return check_word(text, SPAN("true"));
    case 'f':
        return check_word(text, SPAN("false"));
    default:
        if (json_peek(text) == '-' || is_digit(json_peek(text)))
            return check_number(text);
        return json_fault(text, text->at, "value expected");
    }
}
