/* The program. What it does: cli.c; how a server is built and run: server.c. */
#include "cli/cli.h"

int
main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
