/* See handshake.h. */
#include "handshake.h"

#include "client.h"
#include "fatal.h"
#include "hex.h"
#include "load.h"
#include "mono.h"
#include "random.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATH_BYTES 2048
#define REQUEST_BYTES 8192
#define HEADERS_BYTES 7000 /* whatever is beyond is not sent */
#define ANSWER_BYTES_MAX 16384

/* --- the request --- */

/* %d is the client's number, %r that of its room, %% a percent sign. */
static void
render_path(const struct client *client, const char *from, char path[PATH_BYTES])
{
    size_t len = 0;

    for (; *from && len < PATH_BYTES - 24; from++) {
        if (from[0] == '%' && from[1] == 'd')
            len += template_put_number(path + len, (uint64_t)client->id);
        else if (from[0] == '%' && from[1] == 'r')
            len += template_put_number(path + len, (uint64_t)client->room_id);
        else
            path[len++] = *from;
        if (from[0] == '%' && from[1] && strchr("dr%", from[1]))
            from++;
    }
    path[len] = '\0';
}

/* 16 random bytes in base64. */
static void
make_key(char key[25])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (int i = 0; i < 21; i++)
        key[i] = digits[random_next() & 63];
    key[21] = digits[(random_next() & 3) << 4];
    memcpy(key + 22, "==", 3);
}

struct request {
    char text[REQUEST_BYTES];
    size_t len;
};

static __attribute__((format(printf, 2, 3))) void
append(struct request *request, const char *format, ...)
{
    size_t room = sizeof(request->text) - request->len;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(request->text + request->len, room, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= room)
        die("the request is too long");
    request->len += (size_t)len;
}

void
handshake_send(struct client *client)
{
    const struct load *load = client->load;
    const struct options *options = &load->options;
    char path[PATH_BYTES], key[25];
    struct request request;

    request.len = 0;
    render_path(client, load->paths ? load->paths[client->id] : options->path, path);
    make_key(key);
    append(&request, "GET %s HTTP/1.1\r\nHost: %s:%d\r\n", path, options->host, options->port);
    append(&request, "Upgrade: websocket\r\nConnection: Upgrade\r\n");
    append(&request, "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n", key);
    if (options->subprotocol)
        append(&request, "Sec-WebSocket-Protocol: %s\r\n", options->subprotocol);
    for (int i = 0; i < options->header_count && request.len < HEADERS_BYTES; i++)
        append(&request, "%s\r\n", options->headers[i]);
    append(&request, "\r\n");
    client_write(client, request.text, request.len);
}

/* --- the answer --- */

static void
send_hellos(struct client *client)
{
    const struct load *load = client->load;
    const struct options *options = &load->options;
    static char text[65536];
    size_t len;

    for (int i = 0; i < options->hello_count && client->state != CLIENT_DEAD; i++) {
        const struct hello *hello = &options->hellos[i];

        if (hello->is_hex) {
            len = hex_read(hello->text, (uint8_t *)text, sizeof(text));
            client_send(client, OPCODE_BINARY, text, len);
        } else {
            struct template_values values = {client->id, client->room_id, 0, mono_ns()};
            struct template template;

            template_parse(&template, hello->text);
            len = template_render(&template, &values, 0, text);
            client_send(client, options->is_hello_binary ? OPCODE_BINARY : OPCODE_TEXT, text, len);
        }
    }
}

static void
refuse(struct client *client, const uint8_t *answer)
{
    char why[48];

    snprintf(why, sizeof(why), "upgrade refused: %.20s", (const char *)answer);
    for (char *c = why; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    client_die(client, why);
}

size_t
handshake_receive(struct client *client, const uint8_t *bytes, size_t len)
{
    const uint8_t *end = memmem(bytes, len, "\r\n\r\n", 4);

    if (!end) {
        if (len > ANSWER_BYTES_MAX)
            client_die(client, "upgrade response too long");
        return 0;
    }
    if (len < 12 || memcmp(bytes, "HTTP/1.1 101", 12) != 0) {
        refuse(client, bytes);
        return 0;
    }
    client->state = CLIENT_JOINING;
    send_hellos(client);
    if (client->state != CLIENT_DEAD && !client->load->options.ready)
        client_become_ready(client);
    return (size_t)(end - bytes) + 4;
}
