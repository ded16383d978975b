/* The text of --help. */
#ifndef HD1_BENCH_WSLOAD_USAGE_H
#define HD1_BENCH_WSLOAD_USAGE_H

void usage_print(void);

#endif
