/* Where a round spent its time. */
#include "watch.h"

#include <stdio.h>
#include <string.h>

const char *
watch_cause_text(enum watch_cause cause)
{
    static const char *const texts[] = {
        [WATCH_EVENT] = "event",   [WATCH_PLUGIN] = "plugin", [WATCH_SCRIPT] = "script",
        [WATCH_LOAD] = "load",     [WATCH_PAGE] = "page",     [WATCH_REQUEST] = "request",
        [WATCH_COMMIT] = "commit", [WATCH_FLUSH] = "flush",   [WATCH_RELOAD] = "reload",
        [WATCH_OTHER] = "other",
    };

    return texts[cause];
}

const char *
watch_field_text(enum watch_field field)
{
    static const char *const texts[] = {
        [WATCH_PLUGIN_NAME] = "plugin", [WATCH_HOOK] = "hook", [WATCH_SCRIPT_NAME] = "script",
        [WATCH_ROUTE] = "route",        [WATCH_TYPE] = "type", [WATCH_SESSION] = "session",
    };

    return texts[field];
}

/* Then the old one's name goes. */
bool
watch_is_worst(struct watch *watch, enum watch_cause cause, int64_t ns)
{
    struct watch_worst *worst = &watch->worst[cause];

    if (ns <= worst->ns)
        return false;
    memset(worst, 0, sizeof(*worst));
    worst->ns = ns;
    return true;
}

void
watch_name(struct watch *watch, enum watch_cause cause, const struct watch_who *who)
{
    for (int field = 0; field < WATCH_FIELDS; field++)
        snprintf(watch->worst[cause].fields[field], WATCH_TEXT_SIZE, "%s",
                 who->fields[field] ? who->fields[field] : "");
}

enum watch_cause
watch_main_cause(struct watch *watch, int64_t round_ns)
{
    enum watch_cause most = WATCH_OTHER;

    watch->cause_ns[WATCH_OTHER] = round_ns - watch->ns;
    for (int cause = 0; cause < WATCH_CAUSES; cause++)
        if (watch->cause_ns[cause] > watch->cause_ns[most])
            most = (enum watch_cause)cause;
    return most;
}

void
watch_reset(struct watch *watch)
{
    watch->ns = 0;
    watch->messages = 0;
    for (int cause = 0; cause < WATCH_CAUSES; cause++) {
        watch->cause_ns[cause] = 0;
        if (watch->worst[cause].ns > 0)
            memset(&watch->worst[cause], 0, sizeof(watch->worst[cause]));
    }
}
