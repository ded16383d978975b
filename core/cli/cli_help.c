/* What `hd1 --help` and `hd1 COMMAND --help` say. */
#include "cli/cli.h"
#include "config/config.h"

static const char help_general[] =
    "hd1 " HD1_VERSION ", a server for shared virtual worlds\n"
    "\n"
    "  hd1 serve        run the server\n"
    "  hd1 check        check configuration, plugins and scripts without serving\n"
    "  hd1 test         run the tests of plugins and world scripts\n"
    "  hd1 plugin new   write a plugin to begin with, and its test\n"
    "  hd1 reload       make a running server take new plugins and options\n"
    "  hd1 version      print the version\n"
    "\n"
    "`hd1 COMMAND --help` says more about one.\n";

static const char help_serve[] =
    "hd1 serve [--config FILE] [--listen ADDR:PORT]... [--data DIR]\n"
    "\n"
    "Runs the server. Without configuration it listens on 127.0.0.1:8080, keeps its database in "
    "./data\n"
    "and lets in whoever can connect. When it serves, it prints `listening on URL` to standard "
    "output, a\n"
    "line per address; the log goes to standard error.\n"
    "\n"
    "Options, before the environment, before the file, before the defaults:\n"
    "  --config FILE         a Lua file that returns a table (environment: HD1_CONFIG)\n"
    "  --listen ADDR:PORT    where to listen; may be given again; port 0 picks a free one\n"
    "  --data DIR            the folder of the database\n"
    "  --log-level LEVEL     debug, info, warn or error\n"
    "  --log-format FORMAT   logfmt or json\n"
    "\n"
    "Keys of the file, with the environment variable that does the same (lists separated by "
    "commas):\n";

static const char help_serve_end[] =
    "\n"
    "Example, hd1.lua:\n"
    "  return {\n"
    "    listen = { \"127.0.0.1:8080\" },\n"
    "    data = \"data\",\n"
    "    plugins = { { \"rate_limit\", client = { rate = 50, burst = 100 } }, \"validate\", "
    "\"chat\" },\n"
    "    sessions = { demo = { script = \"gallery\" } },\n"
    "  }\n"
    "  hd1 check --config hd1.lua && hd1 serve --config hd1.lua\n"
    "\n"
    "Signals:\n"
    "  TERM, INT   stop: take nothing new, store and deliver what is pending, say goodbye, exit "
    "0;\n"
    "              a second one exits at once with 1\n"
    "  HUP         reload, like `hd1 reload`; what came of it is in the log\n"
    "\n"
    "Exit codes:\n"
    "  0   stopped as asked\n"
    "  1   failure: an address in use, a database that cannot be opened, a disk that fails\n"
    "  2   wrong command line\n"
    "  78  wrong configuration, plugin, script or schema: the log says file and line\n";

static const char help_check[] =
    "hd1 check [--config FILE] [--data DIR] [--database]\n"
    "\n"
    "Loads configuration, plugins and world scripts as `hd1 serve` would, makes the configured "
    "sessions, and one\n"
    "with each world script, in a database of its own that is thrown away, and serves nothing. "
    "Prints one\n"
    "line per fault, FILE:LINE: what is wrong and what to do. With --database it also opens the "
    "database\n"
    "read-only and checks its version and integrity (stop the server before, or expect to wait).\n"
    "\n"
    "  --config FILE   the file to check (environment: HD1_CONFIG)\n"
    "  --data DIR      the folder of the database\n"
    "  --database      check the database too\n"
    "\n"
    "Exit codes: 0 all is well, 1 the database is not, 2 wrong command line, 78 wrong "
    "configuration.\n";

static const char help_reload[] =
    "hd1 reload [--config FILE] [--data DIR | --admin ADDR] [--discard-state]\n"
    "\n"
    "Tells a running server to read its configuration again and to put the plugins that are there "
    "now in\n"
    "place of those that run. Nobody is disconnected, no event is lost. If anything is wrong with "
    "them,\n"
    "nothing changes, and each fault is printed as FILE:LINE: what is wrong.\n"
    "\n"
    "  --config FILE     the server's file, to find out where it is administered (HD1_CONFIG)\n"
    "  --data DIR        the server's folder, if the default is in use: DIR/admin.sock\n"
    "  --admin ADDR      unix:PATH or 127.0.0.1:PORT, whatever the configuration says\n"
    "  --discard-state   do not call save and restore: plugins begin anew\n"
    "\n"
    "Exit codes: 0 reloaded, 1 not reloaded or no server there, 2 wrong command line, 78 wrong\n"
    "configuration.\n";

static const char help_test[] =
    "hd1 test [PATH]... [--config FILE] [--filter TEXT] [--time] [--verbose]\n"
    "\n"
    "Runs tests of plugins and world scripts: Lua files called test_NAME.lua or NAME_test.lua, in "
    "the server's\n"
    "own VM, with the real hub, plugins and store, fake clients and a clock of their own; no "
    "socket. PATH is\n"
    "a file or a folder to look beneath; without one, the configuration's plugin_path and "
    "script_path, or\n"
    "./plugins and ./scripts. Plugins are looked for beside the test, then in plugin_path, then "
    "among those\n"
    "that ship. Prints TAP; what failed says file and line, what was expected and what came.\n"
    "\n"
    "  local test = require(\"test\")\n"
    "  test(\"what is said reaches the others\", function(t)\n"
    "    local world = t:world({ plugins = { \"validate\", \"chat\" } })\n"
    "    local alice, bob = world:join(\"alice\"), world:join(\"bob\")\n"
    "    alice:send(\"chat_message\", { text = \"hi\" })\n"
    "    bob:expect(\"chat_message\", { text = \"hi\" })\n"
    "    world.clock:advance(10)\n"
    "  end)\n"
    "\n"
    "A PATH that ends in .json is a case file, which the server writes to DIR/cases when a "
    "plugin's function\n"
    "fails: the same call is made again, in a session like the one it happened in. What the plugin "
    "had kept\n"
    "in its own variables by then, and options marked secret, are not in the file.\n"
    "\n"
    "  --config FILE   where plugins and scripts are (environment: HD1_CONFIG)\n"
    "  --filter TEXT   only cases with TEXT in \"FILE: NAME\"\n"
    "  --time          how long each case took\n"
    "  --verbose       the server's log too, and what tests and plugins print()\n"
    "\n"
    "Exit codes: 0 all passed (a case file: it no longer fails), 1 some failed (it fails again), 2 "
    "nothing could be\n"
    "run or wrong command line, 78 wrong configuration.\n";

static const char help_plugin[] =
    "hd1 plugin new NAME [--dir DIR]\n"
    "\n"
    "Writes DIR/NAME.lua, a small plugin with an option, an event type of its own and a hook, and\n"
    "DIR/test_NAME.lua, its test, and says what to do next. Overwrites nothing. NAME is a "
    "lower-case letter,\n"
    "then letters, digits and _.\n"
    "\n"
    "  --dir DIR   the folder of your plugins (default: plugins)\n"
    "\n"
    "Exit codes: 0 written, 1 it could not be written, 2 wrong command line or name.\n";

void
cli_append_help(struct buf *out, const char *command)
{
    if (command && strcmp(command, "serve") == 0) {
        buf_append_str(out, help_serve);
        config_append_help(out);
        buf_append_str(out, help_serve_end);
    } else if (command && strcmp(command, "check") == 0) {
        buf_append_str(out, help_check);
    } else if (command && strcmp(command, "reload") == 0) {
        buf_append_str(out, help_reload);
    } else if (command && strcmp(command, "test") == 0) {
        buf_append_str(out, help_test);
    } else if (command && strcmp(command, "plugin") == 0) {
        buf_append_str(out, help_plugin);
    } else {
        buf_append_str(out, help_general);
    }
}
