/* TAP. Names lose what TAP or a terminal would take for something else. */
#include "testing/test_report.h"

#include "clock.h"

#include <stdio.h>
#include <unistd.h>

#define GREEN "\033[32m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

static void
print_text(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        putchar((c < ' ' && c != '\t') || c == 0x7f ? '?' : c == '#' ? '%' : c);
    }
}

/* Each line as a comment. */
static void
print_lines(struct span text)
{
    while (text.len) {
        const char *end = memchr(text.at, '\n', text.len);
        size_t len = end ? (size_t)(end - text.at) : text.len;

        fputs("#   ", stdout);
        for (size_t i = 0; i < len; i++) {
            unsigned char c = (unsigned char)text.at[i];

            putchar((c < ' ' && c != '\t') || c == 0x7f ? '?' : c);
        }
        putchar('\n');
        len += end != NULL;
        text = (struct span){text.at + len, text.len - len};
    }
}

void
test_report_begin(struct test_report *report, bool has_times)
{
    *report = (struct test_report){
        .has_colours = isatty(STDOUT_FILENO), .has_times = has_times, .began_us = clock_mono_us()};
    puts("TAP version 13");
}

void
test_report_case(struct test_report *report, const char *file, const char *name, bool has_passed,
                 int64_t us, struct buf *why)
{
    const char *word = has_passed ? "ok" : "not ok";

    report->passed += has_passed;
    report->failed += !has_passed;
    if (report->has_colours)
        printf("%s%s" PLAIN " %zu - ", has_passed ? GREEN : RED, word,
               report->passed + report->failed);
    else
        printf("%s %zu - ", word, report->passed + report->failed);
    print_text(span_of(file));
    fputs(": ", stdout);
    print_text(span_of(name));
    if (report->has_times)
        printf(" # %.1f ms", (double)us / 1000);
    putchar('\n');
    if (!has_passed)
        print_lines(buf_span(why));
    fflush(stdout);
}

void
test_report_end(struct test_report *report)
{
    size_t count = report->passed + report->failed;

    printf("1..%zu\n# ", count);
    if (report->has_colours)
        fputs(report->failed ? RED : GREEN, stdout);
    printf("%zu passed, %zu failed, %.2f s", report->passed, report->failed,
           (double)(clock_mono_us() - report->began_us) / 1e6);
    puts(report->has_colours ? PLAIN : "");
    fflush(stdout);
}
