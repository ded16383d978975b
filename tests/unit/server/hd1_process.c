/* Fork, exec nothing: the child runs cli_main() itself, under the same sanitizers. */
#include "hd1_process.h"

#include "cli/cli.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

void
hd1_process_init(struct hd1_process *process)
{
    memset(process, 0, sizeof(*process));
    snprintf(process->dir, sizeof(process->dir), "/tmp/hd1-test-XXXXXX");
    assert_non_null(mkdtemp(process->dir));
}

void
hd1_process_fini(struct hd1_process *process)
{
    static const char *const files[] = {"data/hd1.db", "data/hd1.db-wal", "data/hd1.db-shm",
                                        "data/hd1.lock", "hd1.lua"};
    char path[128];

    if (process->pid)
        hd1_process_end(process, SIGKILL);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", process->dir, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/data", process->dir);
    rmdir(path);
    rmdir(process->dir);
}

void
hd1_process_configure(struct hd1_process *process, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/hd1.lua", process->dir);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
run_child(const struct hd1_process *process, int out)
{
    const char *argv[] = {"hd1",         "serve", "--data", "data", "--listen", "127.0.0.1:0",
                          "--log-level", "error", NULL,     NULL,   NULL};
    int argc = 8;

    if (chdir(process->dir) != 0)
        exit(99);
    if (access("hd1.lua", F_OK) == 0) {
        argv[argc++] = "--config";
        argv[argc++] = "hd1.lua";
    }
    dup2(out, STDOUT_FILENO);
    close(out);
    exit(cli_main(argc, (char **)argv));
}

/* Reads up to "listening on http://127.0.0.1:PORT" and its newline. */
static bool
read_port(struct hd1_process *process, int in)
{
    char line[256];
    size_t len = 0;

    while (len < sizeof(line) - 1 && read(in, line + len, 1) == 1 && line[len] != '\n')
        len++;
    line[len] = '\0';
    return sscanf(line, "listening on http://127.0.0.1:%d", &process->port) == 1;
}

bool
hd1_process_start(struct hd1_process *process)
{
    int ends[2];
    bool is_up;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    process->pid = fork();
    assert_true(process->pid >= 0);
    if (process->pid == 0) {
        close(ends[0]);
        run_child(process, ends[1]);
    }
    close(ends[1]);
    is_up = read_port(process, ends[0]);
    close(ends[0]);
    return is_up;
}

int
hd1_process_wait(struct hd1_process *process)
{
    int status;

    assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
    process->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
hd1_process_end(struct hd1_process *process, int number)
{
    kill(process->pid, number);
    return hd1_process_wait(process);
}

int
hd1_process_connect(const struct hd1_process *process)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)process->port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

int
hd1_process_ask(const struct hd1_process *process, const char *method, const char *path,
                const char *body, struct buf *answer)
{
    struct buf text = BUF_INIT, own = BUF_INIT, *in = answer ? answer : &own;
    int fd = hd1_process_connect(process), status = 0;
    ssize_t got;

    buf_appendf(&text,
                "%s %s HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
                "content-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
                method, path, body ? strlen(body) : 0, body ? body : "");
    assert_int_equal(write(fd, text.data, text.len), text.len);
    buf_clear(in);
    while ((got = read(fd, buf_reserve(in, 4096), 4096)) > 0)
        in->len += (size_t)got;
    close(fd);
    sscanf(buf_cstr(in), "HTTP/1.1 %d", &status);
    buf_fini(&text);
    buf_fini(&own);
    return status;
}
