/* See http_call.h. The server closes after its answer, so the end of the stream is its end. */
#include "cli/http_call.h"

#include "err.h"
#include "net/listen_address.h"

#include <errno.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#define TIMEOUT_S 60
#define ANSWER_MAX (16 * 1024 * 1024)

static int
fail(struct buf *why, const char *address, const char *hint)
{
    buf_appendf(why, "%s: %s%s\n", address, strerror(errno), hint);
    return HD1_EIO;
}

static int
open_connection(const char *address, struct buf *why)
{
    struct timeval timeout = {.tv_sec = TIMEOUT_S};
    struct sockaddr_storage to;
    socklen_t len;
    int fd;

    if (listen_address_parse(address, &to, &len, why)) {
        buf_append_char(why, '\n');
        return HD1_EINVAL;
    }
    fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(why, address, "");
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    if (connect(fd, (const struct sockaddr *)&to, len)) {
        int err = fail(why, address, "; is a server running there?");

        close(fd);
        return err;
    }
    return fd;
}

static int
send_all(int fd, const struct buf *text)
{
    size_t sent = 0;

    while (sent < text->len) {
        ssize_t n = send(fd, text->data + sent, text->len - sent, MSG_NOSIGNAL);

        if (n < 0)
            return HD1_EIO;
        sent += (size_t)n;
    }
    return 0;
}

static int
receive_all(int fd, struct buf *text)
{
    char piece[16384];
    ssize_t n;

    while ((n = recv(fd, piece, sizeof(piece), 0)) > 0 && text->len < ANSWER_MAX)
        buf_append(text, piece, (size_t)n);
    return n < 0 ? HD1_EIO : 0;
}

/* The status; negative if this is no HTTP. */
static int
take_apart(struct buf *text, struct buf *body)
{
    const char *end = strstr(buf_cstr(text), "\r\n\r\n");
    int status;

    if (!end || sscanf(text->data, "HTTP/1.1 %d ", &status) != 1)
        return HD1_ESYNTAX;
    buf_append_str(body, end + 4);
    return status;
}

int
http_call(const char *method, const char *address, const char *path, struct buf *body,
          struct buf *why)
{
    struct buf text = BUF_INIT;
    int fd = open_connection(address, why), status;

    if (fd < 0)
        return fd;
    buf_appendf(&text,
                "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n"
                "\r\n",
                method, path);
    status = send_all(fd, &text);
    buf_clear(&text);
    if (!status)
        status = receive_all(fd, &text);
    if (status) {
        status = fail(why, address, "");
    } else {
        status = take_apart(&text, body);
        if (status < 0)
            buf_appendf(why, "%s: what answers there is no HTTP server\n", address);
    }
    close(fd);
    buf_fini(&text);
    return status;
}
