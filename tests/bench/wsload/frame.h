/* A WebSocket frame (RFC 6455): its header, read and written. */
#ifndef HD1_BENCH_WSLOAD_FRAME_H
#define HD1_BENCH_WSLOAD_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEAD_MAX 14                   /* of one that is sent, with its mask key */
#define FRAME_PAYLOAD_MAX ((8u << 20) - 16) /* of one that is taken */

enum opcode {
    OPCODE_CONTINUATION,
    OPCODE_TEXT,
    OPCODE_BINARY,
    OPCODE_CLOSE = 8,
    OPCODE_PING,
    OPCODE_PONG
};

struct frame {
    bool is_final;
    unsigned opcode;
    uint8_t *payload; /* in the bytes that were read */
    size_t len;
};

/* Takes a frame from the front: its whole length; 0 if there is more to come, or if it breaks the
 * protocol: then *fault says how, and is not touched otherwise. */
size_t frame_read(uint8_t *bytes, size_t len, struct frame *frame, const char **fault);
/*
 * The payload stands FRAME_HEAD_MAX bytes behind the start of the buffer; writes the header in
 * front of it and masks it, by zeroes unless is_masked. Returns where the frame begins, and its
 * length.
 */
uint8_t *frame_write(uint8_t *buffer, enum opcode opcode, size_t len, bool is_masked,
                     size_t *frame_len);

#endif
