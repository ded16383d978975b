/*
 * Writing members of a case file (plugin_case.c). Each appends ,"key":value to an open object, or
 * without the comma if it is the first.
 */
#ifndef HD1_PLUGIN_CASE_CASE_TEXT_H
#define HD1_PLUGIN_CASE_CASE_TEXT_H

#include "buf.h"
#include "span.h"

#include <stdbool.h>
#include <stdint.h>

/* Only the text, with ? for what is not UTF-8; true if there is nothing of that. */
bool case_append_clean(struct buf *out, struct span text);
/* Text with ? for what is not UTF-8; null for SPAN_NONE. */
void case_append_text(struct buf *out, const char *key, struct span text);
void case_append_int(struct buf *out, const char *key, int64_t number);
/* Nothing if it is empty. */
void case_append_json(struct buf *out, const char *key, struct span json);
/* A text, or {"base64url":...} for what is not UTF-8; nothing for SPAN_NONE. */
void case_append_bytes(struct buf *out, const char *key, struct span bytes);
/* A text of the same length and shape that does not tell what it was: letters become x, digits 0.
 */
void case_append_masked(struct buf *out, const char *key, struct span text);
/* Appends ,"..." to a list of what there was no room for. */
void case_note_left_out(struct buf *left_out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "plugins/x.lua:12: what" without the folders before x.lua: they may be others elsewhere. */
struct span case_without_folders(struct span line);
/*
 * Where an error was raised, "x.lua:12", without folders: as its first line says or, if that says
 * nothing (an error that is a table has no text), the first place of the traceback below. SPAN_NONE
 * if there is none.
 */
struct span case_place(struct span error);
/* Is what goes by this name (of a header, a parameter) better masked? */
bool case_is_secret(struct span name);

#endif
