/*
 * The HTTP/1 reader and the gate: any bytes. A head read in pieces must be read like one read
 * whole, and whatever passes the gate or not must be answered without touching a byte that is not
 * its own.
 */
#include "net/answer.h"
#include "net/gate.h"
#include "net/http.h"
#include "net/upgrade.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#define HEAD_BYTES_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Requests here belong to no connection. */
struct client *
http_client(struct http *http, struct span identity)
{
    (void)http;
    (void)identity;
    abort();
}

int
http_admit(struct http *http, struct request *request, bool is_websocket, struct refusal *refusal)
{
    (void)http;
    (void)request;
    (void)is_websocket;
    (void)refusal;
    abort();
}

const char *
client_address(const struct client *client)
{
    (void)client;
    abort();
}

/* What plugins see of a request is read in whole. */
static void
look(struct request *request)
{
    struct web_request web;
    struct span key, value;
    size_t pos = 0;

    request_web_from(request, "", &web);
    assert(!web.token.at || web.token.len <= HEAD_BYTES_MAX);
    while (web.next_query(web.ctx, &pos, &key, &value))
        assert(pos <= request->query.len);
}

void
http_answer(struct http *http, struct request *request, int status, struct span body)
{
    (void)http;
    (void)request;
    (void)status;
    (void)body;
    abort();
}

static const struct origins *
some_origins(void)
{
    static char *texts[] = {(char *)"https://world.example.org"};
    static struct origins origins;
    struct buf why = BUF_INIT;

    if (!origins.at)
        assert(origins_init(&origins, texts, 1, &why) == 0);
    return &origins;
}

/* Byte by byte, each time in memory of its own. */
static long
length_in_pieces(const char *bytes, size_t size)
{
    size_t scanned = 0;
    long len = 0;

    for (size_t n = 1; n <= size && len == 0; n++) {
        char *piece = malloc(n);

        memcpy(piece, bytes, n);
        len = head_length(piece, n, &scanned);
        free(piece);
    }
    return len;
}

static void
ask(struct request *request)
{
    struct gate gate = {some_origins(), 1000};
    struct refusal refusal;
    struct buf out = BUF_INIT;
    struct span value;

    refusal_init(&refusal);
    if (gate_check(&gate, request, &refusal)) {
        answer_append_refusal(&out, &refusal);
    } else {
        request_query(request, "q", &value);
        look(request);
        if (upgrade_is_meant(request) && upgrade_check(request, NULL, &refusal) == 0)
            upgrade_append_handshake(&out, request, "localhost");
        else if (answer_is_preflight(request))
            answer_preflight(request);
        answer_append(&out, request, 200, SPAN("{}"));
    }
    buf_fini(&out);
    refusal_fini(&refusal);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size + 1);
    size_t scanned = 0;
    long len;

    memcpy(bytes, data, size);
    bytes = realloc(bytes, size ? size : 1); /* not a byte more than there is */
    len = head_length(bytes, size, &scanned);
    assert(len == length_in_pieces(bytes, size));
    if (len > 0) {
        int err;
        struct request *request = request_new(NULL, (struct span){bytes, (size_t)len}, &err);

        if (request) {
            ask(request);
            request_free(request);
        }
    }
    free(bytes);
    return 0;
}
