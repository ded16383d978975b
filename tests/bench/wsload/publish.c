/* See publish.h. */
#include "publish.h"

#include "client.h"
#include "load.h"
#include "mono.h"

#include <string.h>

#define BURST 64 /* then the readers run too */

/* time_ns: what the message says. */
static bool
write_message(struct client *client, uint64_t time_ns)
{
    struct load *load = client->load;
    const struct options *options = &load->options;
    struct template_values values = {client->id, client->room_id, load->next_seq, time_ns};
    uint8_t *payload = load->out + FRAME_HEAD_MAX, *frame;
    size_t target = options->payload > 0 ? (size_t)options->payload : 0, len, frame_len;

    memcpy(payload, options->prefix, options->prefix_len);
    len = options->prefix_len +
          template_render(&load->message, &values, target, (char *)payload + options->prefix_len);
    frame = frame_write(load->out, options->is_binary ? OPCODE_BINARY : OPCODE_TEXT, len,
                        options->mask, &frame_len);
    return client_write(client, frame, frame_len);
}

static void
publish(struct client *client, uint64_t time_ns)
{
    struct load *load = client->load;
    struct stats *stats = &load->stats;

    if (client->state != CLIENT_READY || !write_message(client, time_ns)) {
        stats->skipped_sends += time_ns >= stats->from_ns;
        return;
    }
    load->next_seq++;
    client->room->sent++;
    if (stats_is_counted(stats, time_ns)) {
        stats->sent++;
        stats->expected += (uint64_t)load_fanout(load, client->room);
    }
}

static uint64_t
publish_at_rate(struct load *load, struct schedule *schedule, uint64_t now_ns, uint64_t wait_ns)
{
    const struct options *options = &load->options;

    for (unsigned sent = 1;; sent++) {
        uint64_t due_ns =
            schedule->start_ns + (uint64_t)((double)schedule->next * 1e9 / options->rate);
        uint64_t publisher = schedule->next % (uint64_t)options->publishers;

        if (due_ns > now_ns)
            return due_ns - now_ns < wait_ns ? due_ns - now_ns : wait_ns;
        if (due_ns >= load->stats.from_ns)
            histogram_add(&load->stats.lag, now_ns - due_ns);
        publish(&load->clients[publisher], options->is_time_actual ? now_ns : due_ns);
        schedule->next++;
        if (sent == BURST)
            return 0;
        if (sent % 8 == 0)
            now_ns = mono_ns();
    }
}

/* Are fewer messages outstanding in the room than its publishers may have? */
static bool
has_window(const struct load *load, const struct room *room)
{
    int fanout = load_fanout(load, room);
    uint64_t window = (uint64_t)load->options.window * (uint64_t)room->publishers;

    return room->sent - room->received / (uint64_t)(fanout > 0 ? fanout : 1) < window;
}

/* One message per publisher and pass keeps the publishers fair. */
static uint64_t
publish_in_window(struct load *load, uint64_t wait_ns)
{
    for (int i = 0; i < load->options.publishers; i++) {
        struct client *client = &load->clients[i];

        if (client->state != CLIENT_READY || client->out.len > 0 || !has_window(load, client->room))
            continue;
        publish(client, mono_ns());
        if (has_window(load, client->room))
            wait_ns = 0;
    }
    return wait_ns;
}

uint64_t
publish_due(struct load *load, struct schedule *schedule, uint64_t now_ns, uint64_t wait_ns)
{
    if (load->options.publishers == 0)
        return wait_ns;
    if (load->options.rate > 0)
        return publish_at_rate(load, schedule, now_ns, wait_ns);
    return publish_in_window(load, wait_ns);
}
