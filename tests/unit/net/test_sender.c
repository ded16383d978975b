/* Many sends in one system call; and what becomes of them when the kernel will have no more. */
#include "net_fixture.h"

#include "net/sender.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 5

struct crossing {
    struct sender *sender;
    int ends[PAIRS][2];
    struct sending sendings[PAIRS];
};

static int
set_up(void **state)
{
    struct crossing *crossing = mem_zalloc(sizeof(*crossing));

    for (int i = 0; i < PAIRS; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, crossing->ends[i]), 0);
        crossing->sendings[i] =
            (struct sending){.fd = crossing->ends[i][0], .bytes = SPAN("hark"), .sent = 99};
    }
    crossing->sender = sender_open();
    *state = crossing;
    return 0;
}

static int
take_down(void **state)
{
    struct crossing *crossing = *state;

    sender_close(crossing->sender);
    for (int i = 0; i < PAIRS; i++) {
        close(crossing->ends[i][0]);
        close(crossing->ends[i][1]);
    }
    free(crossing);
    return 0;
}

/* Not every kernel and sandbox has io_uring. */
static void
need_sender(const struct crossing *crossing)
{
    if (!crossing->sender)
        skip();
}

static void
expect_sent(const struct crossing *crossing, int i, const char *text)
{
    char bytes[16] = "";
    ssize_t len = recv(crossing->ends[i][1], bytes, sizeof(bytes) - 1, MSG_DONTWAIT);

    assert_int_equal(crossing->sendings[i].sent, strlen(text));
    assert_int_equal(len, *text ? (ssize_t)strlen(text) : -1);
    assert_string_equal(bytes, text);
}

static void
each_socket_gets_its_bytes(void **state)
{
    struct crossing *crossing = *state;

    need_sender(crossing);
    sender_send(crossing->sender, crossing->sendings, PAIRS);
    for (int i = 0; i < PAIRS; i++)
        expect_sent(crossing, i, "hark");
}

static void
a_socket_in_error_takes_nothing_and_the_others_do(void **state)
{
    struct crossing *crossing = *state;

    need_sender(crossing);
    shutdown(crossing->ends[2][0], SHUT_WR);
    sender_send(crossing->sender, crossing->sendings, PAIRS);
    assert_int_equal(crossing->sendings[2].sent, 0);
    expect_sent(crossing, 1, "hark");
    expect_sent(crossing, 3, "hark");
}

/* Puts something else in the place of this process's only io_uring. */
static bool
break_ring(void)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    bool is_found = false;

    assert_non_null(folder);
    while (!is_found && (entry = readdir(folder))) {
        char target[64] = "";
        int null;

        if (readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1) > 0 &&
            strstr(target, "io_uring")) {
            null = open("/dev/null", O_RDWR | O_CLOEXEC);
            assert_true(dup2(null, atoi(entry->d_name)) >= 0);
            close(null);
            is_found = true;
        }
    }
    closedir(folder);
    return is_found;
}

static void
a_ring_that_fails_for_good_ends_and_says_that_nothing_was_sent(void **state)
{
    struct crossing *crossing = *state;

    need_sender(crossing);
    assert_true(break_ring());
    for (int again = 0; again < 2; again++) {
        sender_send(crossing->sender, crossing->sendings, PAIRS);
        for (int i = 0; i < PAIRS; i++)
            expect_sent(crossing, i, "");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_socket_gets_its_bytes, set_up, take_down),
        cmocka_unit_test_setup_teardown(a_socket_in_error_takes_nothing_and_the_others_do, set_up,
                                        take_down),
        cmocka_unit_test_setup_teardown(
            a_ring_that_fails_for_good_ends_and_says_that_nothing_was_sent, set_up, take_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
