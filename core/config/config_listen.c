/* Where to listen: is each address well-formed, and may anyone who reaches it come in? And the
 * origins: is each one? */
#include "config/config_load.h"

#include "net/origin.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

/* "127.0.0.1:8080" and "[::1]:8080" into host and port; false if it is neither. */
static bool
split(struct span text, char host[INET6_ADDRSTRLEN], bool *is_v6, struct span *port)
{
    const char *colon = text.len ? memrchr(text.at, ':', text.len) : NULL;
    struct span address;

    if (!colon)
        return false;
    address = (struct span){text.at, (size_t)(colon - text.at)};
    *port = (struct span){colon + 1, text.len - address.len - 1};
    *is_v6 = address.len >= 2 && address.at[0] == '[' && address.at[address.len - 1] == ']';
    if (*is_v6)
        address = (struct span){address.at + 1, address.len - 2};
    if (address.len < 1 || address.len >= INET6_ADDRSTRLEN)
        return false;
    memcpy(host, address.at, address.len);
    host[address.len] = '\0';
    return true;
}

static bool
is_port(struct span port)
{
    long number = 0;

    if (port.len < 1 || port.len > 5)
        return false;
    for (size_t i = 0; i < port.len; i++) {
        if (port.at[i] < '0' || port.at[i] > '9')
            return false;
        number = number * 10 + (port.at[i] - '0');
    }
    return number <= 65535;
}

/* Is it well-formed, and is it for this machine alone? */
static bool
parse(struct span text, bool *is_loopback)
{
    char host[INET6_ADDRSTRLEN];
    struct in6_addr v6;
    struct in_addr v4;
    struct span port;
    bool is_v6;

    *is_loopback = true;
    if (text.len > 5 && memcmp(text.at, "unix:", 5) == 0)
        return true;
    if (!split(text, host, &is_v6, &port) || !is_port(port))
        return false;
    if (is_v6) {
        if (inet_pton(AF_INET6, host, &v6) != 1)
            return false;
        *is_loopback = IN6_IS_ADDR_LOOPBACK(&v6);
        return true;
    }
    if (strcmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) != 1)
        return false;
    *is_loopback = ntohl(v4.s_addr) >> 24 == 127;
    return true;
}

/* Whether a plugin has before_connect is known only when they are loaded: until then the fault
 * waits. */
static void
need_authentication(struct config_load *load, const struct config_place *place, const char *what,
                    const char *why)
{
    struct config *config = load->config;

    config->is_anonymous_allowed = false;
    if (config->unauthenticated.len > 0)
        return;
    config_append_place(&config->unauthenticated, place);
    buf_appendf(&config->unauthenticated, "%s %s\n", what, why);
}

/* Without a word, anyone may come in who can reach it: on this machine alone. */
static void
check_anonymous(struct config_load *load, const struct config_place *place, const char *address)
{
    if (!load->config->is_anonymous_set)
        need_authentication(load, place, address,
                            "can be reached from other machines, and there is no authentication "
                            "plugin (one with before_connect): list one, say anonymous = true "
                            "(HD1_ANONYMOUS=true) if anyone may come in, or listen on 127.0.0.1");
}

static void
check_origins(struct config_load *load)
{
    struct config *config = load->config;
    struct origins origins = {0};
    struct buf why = BUF_INIT;

    if (origins_init(&origins, config->origins, config->origin_count, &why))
        config_fault(load, config_place_of(load, config_key_find("", SPAN("origins"))), "%s",
                     buf_cstr(&why));
    origins_fini(&origins);
    buf_fini(&why);
}

/* Who administers must not be anybody in the network: there are no roles yet. */
static void
check_admin(struct config_load *load)
{
    const char *admin = load->config->admin;
    const struct config_place *place = config_place_of(load, config_key_find("", SPAN("admin")));
    bool is_loopback;

    if (!*admin)
        return;
    if (!parse(span_of(admin), &is_loopback))
        config_fault(load, place,
                     "cannot administer on \"%.80s\": write unix:PATH, 127.0.0.1:PORT or false",
                     admin);
    else if (!is_loopback)
        config_fault(load, place,
                     "%s can be reached from other machines, and whoever reaches it may do all: "
                     "administer on unix:PATH or 127.0.0.1:PORT",
                     admin);
}

void
config_listen_check(struct config_load *load)
{
    struct config *config = load->config;
    const struct config_place *place = config_place_of(load, config_key_find("", SPAN("listen")));
    const struct config_place *anonymous =
        config_place_of(load, config_key_find("", SPAN("anonymous")));
    bool is_loopback;

    if (config->listen_count == 0)
        config_fault(load, place, "listen names no address; the default is \"127.0.0.1:8080\"");
    for (size_t i = 0; i < config->listen_count; i++)
        if (!parse(span_of(config->listen[i]), &is_loopback))
            config_fault(load, place,
                         "cannot listen on \"%.80s\": write ADDR:PORT, [ADDR]:PORT (ADDR in "
                         "numbers) or unix:PATH",
                         config->listen[i]);
        else if (!is_loopback)
            check_anonymous(load, place, config->listen[i]);
    if (config->is_anonymous_set && !config->is_anonymous_allowed)
        need_authentication(load, anonymous, "anonymous = false",
                            "needs an authentication plugin (one with before_connect), and there "
                            "is none; leave it out, and nobody but this machine gets in");
    check_admin(load);
    check_origins(load);
}
