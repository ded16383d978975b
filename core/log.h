/*
 * The log: one line per fact to stderr, logfmt or JSON. Leaf. Any thread; a line is one write(2).
 *
 *   log_info("hub", "session loaded", log_str("session", id), log_int("objects", n));
 *
 * gives (on one line)
 *
 *   time=2026-11-23T10:00:00.000Z level=info area=hub msg="session loaded" session=demo objects=5
 *
 * A value is quoted where it must be; what could break the line or a terminal (controls, invalid
 * UTF-8) is written as \xNN, in JSON as \u00NN or, if it is no text at all, the same \xNN.
 *
 * A line that a remote client can cause at will is debug, or rate-limited by its caller.
 */
#ifndef HD1_LOG_H
#define HD1_LOG_H

#include "span.h"

#include <stdint.h>

#define LOG_VALUE_MAX 4096 /* bytes of a value; a longer one is cut and ends in "..." */

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_SILENT /* not a single line */ };
enum log_format { LOG_LOGFMT, LOG_JSON };

enum log_kind { LOG_KIND_END, LOG_KIND_STR, LOG_KIND_INT };
struct log_field {
    const char *key;
    enum log_kind kind;
    struct span text;
    int64_t number;
};

#define LOG_END ((struct log_field){NULL, LOG_KIND_END, {NULL, 0}, 0})

struct log_field log_str(const char *key, const char *text); /* NULL is written as "" */
struct log_field log_span(const char *key, struct span text);
struct log_field log_int(const char *key, int64_t number);

void log_set_level(enum log_level level);
void log_set_format(enum log_format format);
bool log_is_on(enum log_level level);

/* After msg come struct log_field values by value, closed by LOG_END; use the macros below. */
void log_write(enum log_level level, const char *area, const char *msg, ...);

#define log_debug(area, ...)                                                                       \
    (log_is_on(LOG_DEBUG) ? log_write(LOG_DEBUG, area, __VA_ARGS__, LOG_END) : (void)0)
#define log_info(area, ...) log_write(LOG_INFO, area, __VA_ARGS__, LOG_END)
#define log_warn(area, ...) log_write(LOG_WARN, area, __VA_ARGS__, LOG_END)
#define log_error(area, ...) log_write(LOG_ERROR, area, __VA_ARGS__, LOG_END)

#endif
