/* One line per fact to stderr. Whatever a value holds, it cannot break out of its line or its
 * quotes. */
#include "log.h"

#include "buf.h"
#include "clock.h"
#include "err.h"
#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

static atomic_int current_level = LOG_INFO;
static atomic_int current_format = LOG_LOGFMT;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

/* Bytes of the printable character at hand; 0 for controls and what is no UTF-8. */
static size_t
printable_len(const char *at, const char *end)
{
    unsigned char first = (unsigned char)at[0];

    if (first < 0x20 || first == 0x7f)
        return 0;
    if (first == 0xC2 && end - at > 1 && (unsigned char)at[1] < 0xA0)
        return 0;
    return utf8_len(at, end);
}

/* A byte that must not be seen as it is: \n, \t, \r, else \xNN (in JSON \u00NN if it is ASCII). */
static void
append_hidden(struct buf *line, unsigned char byte, enum log_format format)
{
    if (byte == '\n')
        buf_append_str(line, "\\n");
    else if (byte == '\t')
        buf_append_str(line, "\\t");
    else if (byte == '\r')
        buf_append_str(line, "\\r");
    else if (format == LOG_LOGFMT)
        buf_appendf(line, "\\x%02x", byte);
    else if (byte < 0x80)
        buf_appendf(line, "\\u%04x", byte);
    else
        buf_appendf(line, "\\\\x%02x", byte);
}

/* The text cut to LOG_VALUE_MAX bytes, not within a character. */
static struct span
cut(struct span text)
{
    if (text.len > LOG_VALUE_MAX) {
        text.len = LOG_VALUE_MAX;
        while (text.len > LOG_VALUE_MAX - 3 && ((unsigned char)text.at[text.len] & 0xC0) == 0x80)
            text.len--;
    }
    return text;
}

static void
append_quoted(struct buf *line, struct span text, enum log_format format)
{
    struct span shown = cut(text);
    const char *at = shown.at;
    const char *end = shown.at + shown.len;

    buf_append_char(line, '"');
    while (at < end) {
        size_t len = printable_len(at, end);

        if (len == 0)
            append_hidden(line, (unsigned char)*at, format);
        if (*at == '"' || *at == '\\')
            buf_append_char(line, '\\');
        buf_append(line, at, len);
        at += len ? len : 1;
    }
    buf_append_str(line, shown.len < text.len ? "...\"" : "\"");
}

/* May it stand in logfmt without quotes? */
static bool
is_bare(struct span text)
{
    if (text.len == 0 || text.len > LOG_VALUE_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c <= ' ' || c >= 0x7f || c == '=' || c == '"' || c == '\\')
            return false;
    }
    return true;
}

static void
append_key(struct buf *line, const char *key, enum log_format format)
{
    if (format == LOG_JSON)
        buf_appendf(line, "%c\"%s\":", line->len == 0 ? '{' : ',', key);
    else
        buf_appendf(line, "%s%s=", line->len == 0 ? "" : " ", key);
}

static void
append_text(struct buf *line, const char *key, struct span text, enum log_format format)
{
    append_key(line, key, format);
    if (format == LOG_LOGFMT && is_bare(text))
        buf_append_span(line, text);
    else
        append_quoted(line, text, format);
}

static void
append_time(struct buf *line, enum log_format format)
{
    int64_t now = clock_unix_ms();
    time_t seconds = (time_t)(now / 1000);
    char text[sizeof("2026-11-23T10:00:00")];
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    append_key(line, "time", format);
    buf_appendf(line, format == LOG_JSON ? "\"%s.%03dZ\"" : "%s.%03dZ", text, (int)(now % 1000));
}

static void
append_field(struct buf *line, const struct log_field *field, enum log_format format)
{
    if (field->kind == LOG_KIND_STR) {
        append_text(line, field->key, field->text, format);
        return;
    }
    append_key(line, field->key, format);
    buf_append_int(line, field->number);
}

/* One write(2), but for the signal or the full pipe that cuts it short. */
static void
write_line(struct span line)
{
    while (line.len > 0) {
        ssize_t written = write(STDERR_FILENO, line.at, line.len);

        if (written < 0 && errno != EINTR)
            return;
        if (written > 0) {
            line.at += written;
            line.len -= (size_t)written;
        }
    }
}

struct log_field
log_str(const char *key, const char *text)
{
    return log_span(key, span_of(text));
}

struct log_field
log_span(const char *key, struct span text)
{
    return (struct log_field){key, LOG_KIND_STR, text, 0};
}

struct log_field
log_int(const char *key, int64_t number)
{
    return (struct log_field){key, LOG_KIND_INT, SPAN_NONE, number};
}

void
log_set_level(enum log_level level)
{
    atomic_store_explicit(&current_level, (int)level, memory_order_relaxed);
}

void
log_set_format(enum log_format format)
{
    atomic_store_explicit(&current_format, (int)format, memory_order_relaxed);
}

bool
log_is_on(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&current_level, memory_order_relaxed);
}

void
log_write(enum log_level level, const char *area, const char *msg, ...)
{
    enum log_format format =
        (enum log_format)atomic_load_explicit(&current_format, memory_order_relaxed);
    struct buf line = BUF_INIT;
    struct log_field field;
    va_list fields;

    if (!log_is_on(level))
        return;
    append_time(&line, format);
    append_text(&line, "level", span_of(level_names[level]), format);
    append_text(&line, "area", span_of(area), format);
    append_text(&line, "msg", span_of(msg), format);
    va_start(fields, msg);
    while ((field = va_arg(fields, struct log_field)).kind != LOG_KIND_END)
        append_field(&line, &field, format);
    va_end(fields);
    buf_append_str(&line, format == LOG_JSON ? "}\n" : "\n");
    write_line(buf_span(&line));
    buf_fini(&line);
}
