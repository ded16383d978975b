/* Where the server's own files are. */
#include "config/config_load.h"

#include <unistd.h>

#if !defined(HD1_SOURCE_DIR) || !defined(HD1_BUILD_DIR) || !defined(HD1_DATADIR)
#error "the source tree, the build tree, and what is added to PREFIX, e.g. share/hd1"
#endif

/* The path of the running executable; "" if the system does not say. */
static void
find_self(char *out, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", out, size - 1);

    out[len > 0 ? len : 0] = '\0';
}

/* PREFIX/bin/hd1 becomes PREFIX, wherever that was moved to. */
static void
strip_to_prefix(char *path)
{
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(path, '/');

        if (slash)
            *slash = '\0';
    }
}

static bool
is_built_here(const char *self)
{
    return strncmp(self, HD1_BUILD_DIR "/", sizeof(HD1_BUILD_DIR)) == 0;
}

char *
config_path_default(const char *name)
{
    struct buf path = BUF_INIT;
    char self[4096], *text;

    find_self(self, sizeof(self));
    if (is_built_here(self)) {
        buf_appendf(&path, "%s/%s", HD1_SOURCE_DIR, name);
    } else {
        strip_to_prefix(self);
        buf_appendf(&path, "%s/%s/%s", self, HD1_DATADIR, name);
    }
    text = mem_strndup(path.data, path.len);
    buf_fini(&path);
    return text;
}
