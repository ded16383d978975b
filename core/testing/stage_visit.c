/* Who comes by HTTP, without HTTP: requests straight to rest_handle(), and handshakes. */
#include "testing/stage_state.h"

#include "err.h"

#include <stdio.h>
#include <stdlib.h>

#define WAITS_MAX 500
#define WAIT_MS 10

/* While a request is under way. */
struct visit {
    struct stage *stage;
    char address[64];
    struct stage_answer *answer; /* NULL: nobody waits for it any more */
    bool is_answered;
};

static void
on_answer(void *ctx, int status, struct span headers, struct span body)
{
    struct visit *visit = ctx;
    struct stage_answer *answer = visit->answer;

    visit->is_answered = true;
    if (!answer) {
        free(visit);
        return;
    }
    answer->status = status;
    buf_append_span(&answer->headers, headers);
    buf_append_span(&answer->body, body);
}

static bool
is_client_of(const struct client *client, const char *address, struct span identity)
{
    struct span own = client_identity(client);

    return strcmp(client_address(client), address) == 0 && !own.at == !identity.at &&
           span_eq(own, identity);
}

/* Another one when somebody else speaks, as on a connection. */
static struct client *
rest_client(void *ctx, struct span identity)
{
    const struct visit *visit = ctx;
    struct stage *stage = visit->stage;
    struct hub_connection connection = {.kind = CLIENT_REST,
                                        .address = visit->address,
                                        .id = "rest",
                                        .path_session = SPAN_NONE,
                                        .identity = identity};

    if (stage->rest_client && !is_client_of(stage->rest_client, connection.address, identity)) {
        hub_disconnect(stage->hub, stage->rest_client);
        stage->rest_client = NULL;
    }
    if (!stage->rest_client)
        stage->rest_client = hub_connect(stage->hub, &connection);
    return stage->rest_client;
}

/* Begins the visit; what it asks by is lent to it. */
static struct request_local
begin(struct visit *visit, struct stage *stage, const struct stage_visit *from,
      struct stage_answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    *visit = (struct visit){.stage = stage, .answer = answer};
    snprintf(visit->address, sizeof(visit->address), "%s", from->address);
    return (struct request_local){.web = &stage->web,
                                  .address = visit->address,
                                  .identity = from->identity,
                                  .client = rest_client,
                                  .answered = on_answer,
                                  .ctx = visit};
}

int
stage_request(struct stage *stage, const struct stage_visit *from, struct span head,
              struct span body, struct stage_answer *answer)
{
    struct visit *visit = mem_alloc(sizeof(*visit));
    struct request_local local = begin(visit, stage, from, answer);
    struct request *request;

    request = request_local_new(head, body, &local);
    if (!request) {
        free(visit);
        return HD1_EINVAL;
    }
    rest_handle(stage->rest, request);
    stage_settle(stage);
    for (int i = 0; answer->status == 0 && i < WAITS_MAX; i++) {
        store_wait(stage->store->store,
                   WAIT_MS); /* for a list, say, which the hub does not count */
        stage_settle(stage);
    }
    visit->answer = NULL;
    if (visit->is_answered)
        free(visit);
    return 0;
}

int
stage_visit(struct stage *stage, const struct stage_visit *from, struct stage_answer *refused,
            struct request_handshake *handshake)
{
    struct visit visit;
    struct request_local local = begin(&visit, stage, from, refused);

    return request_local_upgrade(from->path, from->headers, &local, handshake);
}

void
stage_answer_fini(struct stage_answer *answer)
{
    buf_fini(&answer->headers);
    buf_fini(&answer->body);
}
