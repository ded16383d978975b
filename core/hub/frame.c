/* The last step before the wire: an encoded event becomes a frame, once for all who get it. */
#include "hub/frame.h"

#define FIN 0x80

size_t
frame_header(unsigned char out[FRAME_HEADER_MAX], size_t payload_len)
{
    out[0] = FIN | FRAME_TEXT;
    if (payload_len < 126) {
        out[1] = (unsigned char)payload_len;
        return 2;
    }
    size_t bytes = payload_len <= 0xFFFF ? 2 : 8;

    out[1] = bytes == 2 ? 126 : 127;
    for (size_t i = 0; i < bytes; i++)
        out[2 + i] = (unsigned char)((uint64_t)payload_len >> (8 * (bytes - 1 - i)));
    return 2 + bytes;
}

void
frame_append_as(struct buf *out, enum frame_kind kind, struct span payload)
{
    unsigned char header[FRAME_HEADER_MAX];
    size_t header_len = frame_header(header, payload.len);

    header[0] = (unsigned char)(FIN | kind);
    buf_append(out, header, header_len);
    buf_append_span(out, payload);
}

void
frame_append(struct buf *out, struct span payload)
{
    frame_append_as(out, FRAME_TEXT, payload);
}

size_t
frame_size(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;
    size_t size_bytes = bytes[1] < 126 ? 0 : bytes[1] == 126 ? 2 : 8;
    size_t len = size_bytes ? 0 : bytes[1];

    for (size_t i = 0; i < size_bytes; i++)
        len = len << 8 | bytes[2 + i];
    return 2 + size_bytes + len;
}

struct span
frame_payload(struct span frame)
{
    unsigned char second = (unsigned char)frame.at[1];
    size_t header_len = second < 126 ? 2 : second == 126 ? 4 : 10;

    return (struct span){frame.at + header_len, frame.len - header_len};
}
