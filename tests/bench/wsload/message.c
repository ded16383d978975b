/* See message.h. */
#include "message.h"

#include "client.h"
#include "load.h"

#include <string.h>

/* The next marker, from at on; NULL if there is none. The first one is looked for where the one of
 * the message before was. */
static const uint8_t *
find_marker(const struct load *load, const uint8_t *bytes, size_t len, const uint8_t *at)
{
    const char *marker = load->options.marker;
    size_t marker_len = load->marker_len, rest = (size_t)(bytes + len - at);

    if (at == bytes && load->marker_hint + marker_len <= len &&
        memcmp(bytes + load->marker_hint, marker, marker_len) == 0)
        return bytes + load->marker_hint;
    return rest >= marker_len ? memmem(at, rest, marker, marker_len) : NULL;
}

/* The number from at on, behind blanks and quotes; where it ends. */
static const uint8_t *
read_time(const uint8_t *at, const uint8_t *end, uint64_t *time)
{
    *time = 0;
    while (at < end && (*at == ' ' || *at == '"' || *at == '\\'))
        at++;
    while (at < end && *at >= '0' && *at <= '9')
        *time = *time * 10 + (uint64_t)(*at++ - '0');
    return at;
}

/* One of the window? Then it is counted. */
static bool
count_time(struct stats *stats, uint64_t time, uint64_t now_ns)
{
    uint64_t time_ns = time - TEMPLATE_TIME_BASE;

    if (time < TEMPLATE_TIME_BASE || !stats_is_counted(stats, time_ns) || time_ns > now_ns)
        return false;
    stats->received++;
    histogram_add(&stats->latency, now_ns - time_ns);
    return true;
}

/* How many of our messages were in it. */
static unsigned
count_ours(struct load *load, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
    const uint8_t *at = bytes, *marker;
    bool is_counted = false;
    unsigned found = 0;
    uint64_t time;

    while ((marker = find_marker(load, bytes, len, at))) {
        if (found++ == 0)
            load->marker_hint = (size_t)(marker - bytes);
        at = read_time(marker + load->marker_len, bytes + len, &time);
        is_counted |= count_time(&load->stats, time, now_ns);
    }
    load->stats.frames += is_counted;
    return found;
}

static void
take_other(struct client *client, const uint8_t *bytes, size_t len)
{
    struct load *load = client->load;
    const struct options *options = &load->options;

    load->stats.other_messages++;
    if (client->state == CLIENT_JOINING && options->ready &&
        memmem(bytes, len, options->ready, strlen(options->ready)))
        client_become_ready(client);
    for (int i = 0; i < options->reply_count; i++) {
        const struct reply *reply = &options->replies[i];

        if (len == strlen(reply->from) && memcmp(bytes, reply->from, len) == 0)
            client_send(client, OPCODE_TEXT, reply->to, strlen(reply->to));
    }
}

void
message_take(struct client *client, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
    struct stats *stats = &client->load->stats;
    unsigned ours = count_ours(client->load, bytes, len, now_ns);

    if (ours == 0) {
        take_other(client, bytes, len);
        return;
    }
    client->room->received += ours;
    if (now_ns >= stats->from_ns && now_ns < stats->until_ns) {
        stats->received_meanwhile += ours;
        stats->frames_meanwhile++;
        stats->bytes_meanwhile += len;
    }
}
