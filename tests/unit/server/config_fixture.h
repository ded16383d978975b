/* A configuration file in a folder of its own, loaded. For the tests of config*.c. */
#ifndef HD1_TEST_CONFIG_FIXTURE_H
#define HD1_TEST_CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"
#include "err.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
    struct config config;
    struct config_flags flags;
    struct buf why;
    char dir[64];
    char file[96];
    int err;
};

static inline struct fixture *
fixture_new(void)
{
    struct fixture *fixture = mem_zalloc(sizeof(*fixture));

    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/hd1-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    snprintf(fixture->file, sizeof(fixture->file), "%s/hd1.lua", fixture->dir);
    return fixture;
}

/* Writes the file (NULL: there is none) and loads it. */
static inline void
fixture_load(struct fixture *fixture, const char *text)
{
    if (text) {
        FILE *stream = fopen(fixture->file, "w");

        assert_non_null(stream);
        fputs(text, stream);
        fclose(stream);
        fixture->flags.file = fixture->file;
    }
    fixture->err = config_load(&fixture->config, &fixture->flags, &fixture->why);
}

static inline void
fixture_free(struct fixture *fixture)
{
    config_fini(&fixture->config);
    buf_fini(&fixture->why);
    unlink(fixture->file);
    rmdir(fixture->dir);
    free(fixture);
}

/* This text is refused, and what is said contains each of the texts, closed by NULL. */
static inline void
assert_refused(const char *text, ...)
{
    struct fixture *fixture = fixture_new();
    const char *want;
    va_list args;

    fixture_load(fixture, text);
    assert_int_equal(fixture->err, HD1_EINVAL);
    va_start(args, text);
    while ((want = va_arg(args, const char *)))
        if (!strstr(buf_cstr(&fixture->why), want))
            fail_msg("\"%s\" is not in: %s", want, buf_cstr(&fixture->why));
    va_end(args);
    fixture_free(fixture);
}

static inline void
assert_loaded(const struct fixture *fixture)
{
    if (fixture->err)
        fail_msg("refused: %.*s", (int)fixture->why.len, fixture->why.data);
}

#endif
