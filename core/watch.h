/*
 * Where a round of the loop spent its time, for the watchdog: each step that may be slow counts its
 * time for its cause, without the steps inside it, which count for their own; the slowest step of
 * each cause is remembered with all that is known of it. Leaf; one thread.
 */
#ifndef HD1_WATCH_H
#define HD1_WATCH_H

#include "clock.h"

#include <stdbool.h>
#include <stdint.h>

#define WATCH_NAME_NS 1000000 /* shorter steps are not named */
#define WATCH_TEXT_SIZE 80

enum watch_cause {
    WATCH_EVENT,   /* a message: checked, applied, journaled */
    WATCH_PLUGIN,  /* a call of a plugin's function */
    WATCH_SCRIPT,  /* a call of a world script's */
    WATCH_LOAD,    /* a session made from what the store read */
    WATCH_PAGE,    /* a page of a snapshot or of history */
    WATCH_REQUEST, /* REST: what is not an event or a page of history */
    WATCH_COMMIT,  /* what came back from the writer, and the answers that waited for it */
    WATCH_FLUSH,
    WATCH_RELOAD,
    WATCH_OTHER, /* the rest of the round */
    WATCH_CAUSES
};
const char *watch_cause_text(enum watch_cause cause);

/* What a step was about, as far as it applies. */
enum watch_field {
    WATCH_PLUGIN_NAME,
    WATCH_HOOK,
    WATCH_SCRIPT_NAME,
    WATCH_ROUTE,
    WATCH_TYPE,
    WATCH_SESSION,
    WATCH_FIELDS
};
const char *watch_field_text(enum watch_field field);
struct watch_who {
    const char *fields[WATCH_FIELDS]; /* NULL: does not apply */
};

struct watch_worst {
    int64_t ns;
    char fields[WATCH_FIELDS][WATCH_TEXT_SIZE]; /* "": does not apply */
};

struct watch {
    int64_t ns;                     /* of all steps of the round */
    int64_t cause_ns[WATCH_CAUSES]; /* the same by cause */
    struct watch_worst worst[WATCH_CAUSES];
    int64_t messages; /* received in the round: many small ones add up too */
};

bool watch_is_worst(struct watch *watch, enum watch_cause cause, int64_t ns);

/* A step under way; several may be inside one another. */
struct watch_step {
    int64_t start_ns, before_ns;
};
static inline struct watch_step
watch_begin(const struct watch *watch)
{
    return (struct watch_step){clock_mono_ns(), watch->ns};
}

/* It took so long, without what is inside. True if it is the slowest of its cause and slow enough:
 * then give watch_name(). */
static inline bool
watch_took(struct watch *watch, enum watch_cause cause, int64_t ns)
{
    watch->ns += ns;
    watch->cause_ns[cause] += ns;
    return ns >= WATCH_NAME_NS && watch_is_worst(watch, cause, ns);
}

/* The same for a step that ends now. */
static inline bool
watch_end(struct watch *watch, const struct watch_step *step, enum watch_cause cause)
{
    int64_t inside_ns = watch->ns - step->before_ns;

    return watch_took(watch, cause, clock_mono_ns() - step->start_ns - inside_ns);
}

/* Who the step was that watch_end() or watch_took() just called the slowest. Texts are copied. */
void watch_name(struct watch *watch, enum watch_cause cause, const struct watch_who *who);
/* The round took so long: which cause had most of it? */
enum watch_cause watch_main_cause(struct watch *watch, int64_t round_ns);
/* A new round begins. */
void watch_reset(struct watch *watch);

#endif
