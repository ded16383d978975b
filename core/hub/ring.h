/*
 * A session's ring: the committed events of its recent past, each encoded and framed once, for all
 * clients. A list of blocks of ready-made WebSocket frames with an index by seq. A client's place
 * in it is just the last seq it was sent. An idle session's ring has no block.
 */
#ifndef HD1_HUB_RING_H
#define HD1_HUB_RING_H

#include "span.h"

#include <stdbool.h>
#include <stdint.h>

#define RING_BLOCK_BYTES (16 * 1024)

struct ring_block;
struct ring_frame;

struct ring {
    int64_t first_seq;         /* oldest frame held; head_seq + 1 if none */
    int64_t head_seq;          /* newest; what was committed last */
    struct ring_frame *frames; /* circular, indexed by seq */
    size_t cap;                /* of frames; a power of two or 0 */
    struct ring_block *oldest, *newest;
    uint64_t position; /* bytes of frames ever appended */
    size_t bytes;      /* of memory held: blocks and index */
    size_t blocks;
};

/* An empty ring whose next event is head_seq + 1. */
void ring_init(struct ring *ring, int64_t head_seq);
void ring_fini(struct ring *ring);
/* Forgets all frames and goes on after head_seq. */
void ring_reset(struct ring *ring, int64_t head_seq);
/* Frames the payload and appends it as seq, which must be head_seq + 1 (invariant 1). */
void ring_append(struct ring *ring, int64_t seq, struct span payload);
/* Can a client that has everything up to `after` go on from here? */
bool ring_reaches(const struct ring *ring, int64_t after);
/*
 * The longest run of whole frames after that seq that lies together in memory and has at most
 * max_bytes (one frame at least). Returns false at the head; else *bytes is lent until the next
 * change, *last is the seq of its last frame.
 */
bool ring_next(const struct ring *ring, int64_t after, size_t max_bytes, struct span *bytes,
               int64_t *last);
/* Bytes of the frames after that seq (which the ring must reach). */
uint64_t ring_bytes_after(const struct ring *ring, int64_t after);
/* The JSON of one event held. */
struct span ring_payload(const struct ring *ring, int64_t seq);
/* Frees the oldest block if all its frames are <= upto; returns the bytes of memory freed, 0 if
 * none. */
size_t ring_drop_block(struct ring *ring, int64_t upto);

#endif
