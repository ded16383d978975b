/* The configuration part of `hd1 serve --help`, made from the table of keys. */
#include "config/config_key.h"
#include "config/config_load.h"

static void
append_default(struct buf *out, const struct config_key *key)
{
    if (key->fallback)
        buf_appendf(out, "; default %s", key->fallback);
    else if (key->type == CONFIG_PLUGINS)
        buf_append_str(out, "; default rate_limit, validate, chat");
    else if (strcmp(key->name, "plugin_path") == 0)
        buf_append_str(out, "; default PREFIX/share/hd1/plugins");
    else if (strcmp(key->name, "admin") == 0)
        buf_append_str(out, "; default unix:DATA/admin.sock");
    else if (strcmp(key->name, "script_path") == 0)
        buf_append_str(out, "; default PREFIX/share/hd1/scripts");
    else if (key->type == CONFIG_BOOL)
        buf_append_str(out, "; default true on loopback addresses, must be said on others");
    else
        buf_append_str(out, "; default none");
}

static void
append_key(struct buf *out, const struct config_key *key)
{
    char variable[CONFIG_KEY_NAME_MAX];

    config_key_variable(key, variable);
    buf_appendf(out, "  %s%s%s%s\n      %s\n      ", key->section[0] ? "  " : "", key->name,
                variable[0] ? "   " : "", variable, key->doc);
    config_key_append_type(key, out);
    append_default(out, key);
    if (config_key_is_live(key))
        buf_append_str(out, "; taken over by a reload");
    buf_append_char(out, '\n');
}

void
config_append_help(struct buf *out)
{
    const struct config_key *key;
    const char *section = "";

    for (size_t i = 0; (key = config_key_at(i)); i++) {
        if (strcmp(key->section, section) != 0) {
            section = key->section;
            buf_appendf(out, "  %s = { ... }\n", section);
        }
        append_key(out, key);
    }
}
