/* What the program ends with: `hd1 --help` tells them. */
#ifndef HD1_EXIT_CODE_H
#define HD1_EXIT_CODE_H

enum exit_code {
    CODE_OK = 0,
    CODE_FAILURE = 1, /* the system's fault, or a second signal while stopping */
    CODE_USAGE = 2,
    CODE_CONFIG = 78, /* configuration, plugin, script, schema; EX_CONFIG of sysexits.h */
};

#endif
