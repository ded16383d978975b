/*
 * A text with placeholders: {ts} {seq} {id} {room} {pad}. It is taken apart once and written many
 * times, each time with other values.
 */
#ifndef HD1_BENCH_WSLOAD_TEMPLATE_H
#define HD1_BENCH_WSLOAD_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#define TEMPLATE_PIECES_MAX 64
/* Added to {ts}, which has 16 digits by it and stays below 2^53. */
#define TEMPLATE_TIME_BASE UINT64_C(1000000000000000)

enum piece_kind { PIECE_TEXT, PIECE_TIME, PIECE_SEQ, PIECE_ID, PIECE_ROOM, PIECE_PAD };

struct piece {
    enum piece_kind kind;
    const char *text;
    size_t len;
};

struct template
{
    struct piece pieces[TEMPLATE_PIECES_MAX];
    size_t count, pads;
};

struct template_values {
    int id, room;
    uint64_t seq;
    uint64_t time_ns; /* without the base */
};

/* Borrows the text; dies if it has too many placeholders. */
void template_parse(struct template *template, const char *text);
/* Writes it, with {pad} such that it has target bytes (0: with none); out must have room. Returns
 * the length. */
size_t template_render(const struct template *template, const struct template_values *values,
                       size_t target, char *out);
/* Writes the digits of a number, without a closing '\0'; how many, 20 at most. */
size_t template_put_number(char *out, uint64_t number);

#endif
