/* The server, from boot to the end: read server_run() first. */
#include "server/server.h"

#include "exit_code.h"
#include "log.h"
#include "server/server_state.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Once this is said, everything works. */
static void
announce(const struct server *server)
{
    const char *url;

    for (size_t i = 0; (url = net_url(server->net, i)); i++) {
        printf("listening on %s\n", url);
        log_info("server", "listening", log_str("url", url));
    }
    fflush(stdout);
}

static void
serve(struct server *server)
{
    server_loop_start(server);
    net_start(server->net);
    if (net_admin_url(server->net))
        log_info("server", "administration", log_str("url", net_admin_url(server->net)));
    log_info("server", "started", log_str("version", HD1_VERSION),
             log_str("data", server->config->data), log_int("pid", getpid()));
    announce(server);
    uv_run(&server->loop, UV_RUN_DEFAULT);
}

/* Everything else would wait for a disk that does not answer. */
static void
abandon(struct server *server)
{
    rest_free(server->rest);
    log_error("server", "stopped without the database", log_int("exit", server->exit_code));
    _exit(server->exit_code);
}

static void
on_force(int number)
{
    (void)number;
    _exit(CODE_FAILURE);
}

/* From here on the loop sees no signals: a second one, or a disk that hangs, ends it all. */
static void
bound_take_down(const struct server *server)
{
    server_signals_hand_back(on_force);
    signal(SIGALRM, on_force);
    alarm((unsigned)server->config->stop_timeout_s);
}

/* In reverse. The store's threads call the loop and its last batch calls the hub, so both outlive
 * it. */
static void
take_down(struct server *server)
{
    static const struct hub_hooks no_hooks;
    static const struct hub_scripts no_scripts;

    net_free(server->net);
    server_reload_fini(server);
    if (server->hub) {
        hub_set_scripts(server->hub, &no_scripts);
        scripts_free(server->scripts);
        hub_set_hooks(server->hub, &no_hooks);
        plugins_free(server->plugins);
    }
    case_files_fini(&server->cases);
    store_close(server->store);
    hub_free(server->hub);
    rest_free(server->rest);
    server_loop_fini(server);
    server_watchdog_fini(server);
}

int
server_run(struct config *config, const struct config_flags *flags)
{
    struct server server = {.config = config, .flags = flags, .signal_fd = -1};

    signal(SIGPIPE, SIG_IGN);
    server.exit_code = server_build(&server);
    if (server.exit_code == CODE_OK)
        serve(&server);
    if (server.is_abandoned)
        abandon(&server);
    bound_take_down(&server);
    take_down(&server);
    alarm(0);
    log_info("server", "stopped", log_int("exit", server.exit_code));
    return server.exit_code;
}
