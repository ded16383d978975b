/* Where committed events wait for clients: framed once, kept for everyone (invariant 2). */
#include "hub/ring.h"

#include "buf.h"
#include "hub/frame.h"

#include <assert.h>
#include <stdlib.h>

struct ring_block {
    struct ring_block *next;
    int64_t last_seq;
    size_t len, cap;
    char bytes[];
};

struct ring_frame {
    struct ring_block *block;
    uint64_t position; /* of its first byte, in all that was ever appended */
    uint32_t offset;   /* in the block */
    uint32_t len;      /* header and payload */
};

static struct ring_frame *
frame_at(const struct ring *ring, int64_t seq)
{
    assert(seq >= ring->first_seq && seq <= ring->head_seq);
    return &ring->frames[(uint64_t)seq & (ring->cap - 1)];
}

void
ring_init(struct ring *ring, int64_t head_seq)
{
    memset(ring, 0, sizeof(*ring));
    ring->first_seq = head_seq + 1;
    ring->head_seq = head_seq;
}

void
ring_fini(struct ring *ring)
{
    while (ring->oldest) {
        struct ring_block *block = ring->oldest;

        ring->oldest = block->next;
        free(block);
    }
    free(ring->frames);
    memset(ring, 0, sizeof(*ring));
}

void
ring_reset(struct ring *ring, int64_t head_seq)
{
    ring_fini(ring);
    ring_init(ring, head_seq);
}

/* Room for one more in the index; frames keep their place seq modulo cap. */
static void
index_grow(struct ring *ring)
{
    size_t count = (size_t)(ring->head_seq + 1 - ring->first_seq);

    if (count < ring->cap)
        return;
    size_t cap = ring->cap ? ring->cap * 2 : 16;
    struct ring_frame *frames = mem_alloc(cap * sizeof(*frames));

    for (int64_t seq = ring->first_seq; seq <= ring->head_seq; seq++)
        frames[(uint64_t)seq & (cap - 1)] = *frame_at(ring, seq);
    free(ring->frames);
    ring->bytes += (cap - ring->cap) * sizeof(*frames);
    ring->frames = frames;
    ring->cap = cap;
}

/* The block that the next frame of so many bytes goes into: a larger frame gets one of its own. */
static struct ring_block *
block_for(struct ring *ring, size_t len)
{
    struct ring_block *block = ring->newest;

    if (block && block->cap - block->len >= len)
        return block;
    size_t cap = len > RING_BLOCK_BYTES ? len : RING_BLOCK_BYTES;

    block = mem_alloc(sizeof(*block) + cap);
    *block = (struct ring_block){.cap = cap};
    if (ring->newest)
        ring->newest->next = block;
    else
        ring->oldest = block;
    ring->newest = block;
    ring->bytes += sizeof(*block) + cap;
    ring->blocks++;
    return block;
}

void
ring_append(struct ring *ring, int64_t seq, struct span payload)
{
    unsigned char header[FRAME_HEADER_MAX];
    size_t header_len = frame_header(header, payload.len), len = header_len + payload.len;

    assert(seq == ring->head_seq + 1);
    index_grow(ring);
    struct ring_block *block = block_for(ring, len);
    char *at = block->bytes + block->len;

    memcpy(at, header, header_len);
    memcpy(at + header_len, payload.at, payload.len);
    ring->head_seq = seq;
    *frame_at(ring, seq) = (struct ring_frame){
        .block = block,
        .position = ring->position,
        .offset = (uint32_t)block->len,
        .len = (uint32_t)len,
    };
    block->len += len;
    block->last_seq = seq;
    ring->position += len;
}

bool
ring_reaches(const struct ring *ring, int64_t after)
{
    return after >= ring->first_seq - 1 && after <= ring->head_seq;
}

bool
ring_next(const struct ring *ring, int64_t after, size_t max_bytes, struct span *bytes,
          int64_t *last)
{
    if (after >= ring->head_seq)
        return false;
    const struct ring_frame *first = frame_at(ring, after + 1);
    struct ring_block *block = first->block;

    bytes->at = block->bytes + first->offset;
    if (block->len - first->offset <= max_bytes) {
        bytes->len = block->len - first->offset;
        *last = block->last_seq;
        return true;
    }
    bytes->len = first->len;
    *last = after + 1;
    while (*last < block->last_seq && bytes->len + frame_at(ring, *last + 1)->len <= max_bytes) {
        *last += 1;
        bytes->len += frame_at(ring, *last)->len;
    }
    return true;
}

uint64_t
ring_bytes_after(const struct ring *ring, int64_t after)
{
    return after >= ring->head_seq ? 0 : ring->position - frame_at(ring, after + 1)->position;
}

struct span
ring_payload(const struct ring *ring, int64_t seq)
{
    const struct ring_frame *frame = frame_at(ring, seq);

    return frame_payload((struct span){frame->block->bytes + frame->offset, frame->len});
}

size_t
ring_drop_block(struct ring *ring, int64_t upto)
{
    struct ring_block *block = ring->oldest;

    if (!block || block->last_seq > upto)
        return 0;
    size_t freed = sizeof(*block) + block->cap;

    ring->first_seq = block->last_seq + 1;
    ring->oldest = block->next;
    ring->blocks--;
    free(block);
    if (!ring->oldest) { /* an idle session holds nothing, its index neither */
        freed += ring->cap * sizeof(*ring->frames);
        free(ring->frames);
        ring->frames = NULL;
        ring->newest = NULL;
        ring->cap = 0;
    }
    ring->bytes -= freed;
    return freed;
}
