/* See frame.h. */
#include "frame.h"

#include "random.h"

#include <string.h>

static uint64_t
read_number(const uint8_t *bytes, int count)
{
    uint64_t number = 0;

    for (int i = 0; i < count; i++)
        number = number << 8 | bytes[i];
    return number;
}

size_t
frame_read(uint8_t *bytes, size_t len, struct frame *frame, const char **fault)
{
    uint64_t payload_len;
    size_t head = 2;

    if (len < head)
        return 0;
    if (bytes[1] & 0x80)
        *fault = "masked server frame";
    else if (bytes[0] & 0x70)
        *fault = "reserved bits set";
    if (*fault)
        return 0;
    payload_len = bytes[1];
    if (payload_len >= 126) {
        int extra = payload_len == 126 ? 2 : 8;

        head += (size_t)extra;
        if (len < head)
            return 0;
        payload_len = read_number(bytes + 2, extra);
    }
    if (payload_len > FRAME_PAYLOAD_MAX)
        *fault = "frame too large";
    if (*fault || len < head + payload_len)
        return 0;
    *frame = (struct frame){bytes[0] & 0x80, bytes[0] & 15, bytes + head, payload_len};
    return head + payload_len;
}

/* The length in as few bytes as may be; where the mask key goes. */
static uint8_t *
write_len(uint8_t *at, size_t len)
{
    int extra = len < 126 ? 0 : len < 65536 ? 2 : 8;

    *at++ = (uint8_t)(0x80 | (extra == 0 ? len : extra == 2 ? 126 : 127));
    for (int i = extra - 1; i >= 0; i--)
        *at++ = (uint8_t)((uint64_t)len >> (8 * i));
    return at;
}

uint8_t *
frame_write(uint8_t *buffer, enum opcode opcode, size_t len, bool is_masked, size_t *frame_len)
{
    size_t head = len < 126 ? 6 : len < 65536 ? 8 : 14;
    uint8_t *payload = buffer + FRAME_HEAD_MAX, *start = payload - head, mask[4];
    uint32_t key = is_masked ? random_next() : 0;

    memcpy(mask, &key, 4);
    start[0] = (uint8_t)(0x80 | opcode);
    memcpy(write_len(start + 1, len), mask, 4);
    for (size_t i = 0; key && i < len; i++)
        payload[i] ^= mask[i & 3];
    *frame_len = head + len;
    return start;
}
