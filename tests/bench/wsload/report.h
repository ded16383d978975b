/* The result: some lines for people, and one of JSON, which is the last. */
#ifndef HD1_BENCH_WSLOAD_REPORT_H
#define HD1_BENCH_WSLOAD_REPORT_H

struct load;
struct run;

void report_text(const struct load *load, const struct run *run);
void report_json(const struct load *load, const struct run *run);

#endif
