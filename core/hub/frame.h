/* WebSocket frames, ready-made: server to client, unmasked, unfragmented (RFC 6455, 5.2). */
#ifndef HD1_HUB_FRAME_H
#define HD1_HUB_FRAME_H

#include "buf.h"
#include "span.h"

#include <stdint.h>

#define FRAME_HEADER_MAX 10

enum frame_kind { FRAME_TEXT = 1, FRAME_BINARY = 2 };

/* Writes the header of a text frame with so many bytes of payload; returns its length (2, 4 or 10).
 */
size_t frame_header(unsigned char out[FRAME_HEADER_MAX], size_t payload_len);
/* Appends header and payload. */
void frame_append(struct buf *out, struct span payload);
/* The same for text or binary. */
void frame_append_as(struct buf *out, enum frame_kind kind, struct span payload);
/* The length of the whole ready-made frame that begins there. */
size_t frame_size(const char *at);
/* The payload of one whole ready-made frame. */
struct span frame_payload(struct span frame);

#endif
