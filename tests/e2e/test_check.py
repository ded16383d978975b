#!/usr/bin/python3
"""hd1 check tells every fault at once, with file and line and what to do."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, run_hd1, scene, until
from hd1_check import check, faults, plugin

CONFIG = """return {
  queue_mesages = 7,
  queue_bytes = "many",
  plugin_path = "plugins", script_path = "scripts",
  plugins = {
    { "options", rate = "fast", size = 99, color = "blue",
      on_error = "maybe", memory_bytes = 1 },
    "table", "hooks", "syntax",
    "absent",
  },
  sessions = { demo = { script = "nowhere" } },
}
"""

FILES = {
    "plugins/options.lua": """return {
  name = "options", version = "1.0.0", api = 1,
  config = {
    rate = { type = "number", default = 1 },
    size = { type = "integer", default = 1, max = 10 },
    must = { type = "string", required = true },
    odd = { type = "colour" },
    cpu_share = { type = "number" },
  },
  setup = function() error("is not called") end,
}
""",
    "plugins/table.lua": """return {
  name = "tabel", version = 7, api = 1,
  on_join = function() end,
  events = {
    good = { lane = "fast" },
    shaped = { schema = { type = "object", properties = { x = { type = "nubmer" } } } },
    bad_schema = { schema = { typo = "object" } },
    Bad = {},
    extra = { scheme = {} },
  },
  setup = function() return { after_joyn = function() end } end,
}
""",
    "plugins/hooks.lua": """return {
  name = "hooks", version = "1.0.0", api = 1,
  setup = function() return {
    before_evnt = function() end,
    after_connect = "me",
    before_event = {
      object_creatd = function() end,
      object_updated = 7,
    },
    on_tick = { hz = 100, fn = function() end, every = 1 },
    routes = {
      ["GET /x"] = function() end,
      ["GET /api/x/hooks/it"] = "no",
    },
    sockets = {
      ["/ws/hooks"] = function() end,
      ["/ws/x/hooks"] = { connect = function() end },
    },
  } end,
}
""",
    "plugins/syntax.lua": "return {\n  name =\n}\n",
    "scripts/broken.lua": "world{}\nobject{\n",
    "scripts/other.lua": "world{\n)\n",
}

FAULTS = (
    r"hd1\.lua:2: unknown key queue_mesages; did you mean queue_messages\?",
    r"hd1\.lua:3: queue_bytes is \"many\", but must be an integer",
    r"hd1\.lua:6: plugin options: option on_error must be \"open\" or \"closed\"",
    r"hd1\.lua:6: plugin options: option memory_bytes must be an integer from",
    r"plugins/options\.lua:7: config of odd: type must be integer, number",
    r"plugins/options\.lua:8: config of cpu_share: this option is the server's own",
    r"hd1\.lua:6: plugin options: option rate must be of type number, is a string",
    r"hd1\.lua:6: plugin options: option size must be at most 10",
    r"hd1\.lua:6: plugin options: option color is not known; known:",
    r"hd1\.lua:6: plugin options: option must is required",
    r"plugins/table\.lua:2: name must be \"table\", like the file's",
    r"plugins/table\.lua:2: version must be a string",
    r"plugins/table\.lua:3: unknown key 'on_join'; known: name",
    r"plugins/table\.lua:5: event good: lane must be \"durable\" or",
    r"plugins/table\.lua:6: event shaped: schema at /properties/x: no type is called \"nubmer\"",
    r"plugins/table\.lua:7: event bad_schema: schema: unknown keyword \"typo\"",
    r"plugins/table\.lua:8: an event type is named",
    r"plugins/table\.lua:9: event extra: unknown key 'scheme'; known: doc",
    r"plugins/table\.lua:11: unknown moment 'after_joyn'; known:",
    r"plugins/hooks\.lua:4: unknown moment 'before_evnt'; known:",
    r"plugins/hooks\.lua:5: after_connect must be a function",
    r"plugins/hooks\.lua:8: before_event\.object_updated must be a function",
    r"plugins/hooks\.lua:10: on_tick: hz must be a number from 1 to 60",
    r"plugins/hooks\.lua:10: on_tick: unknown key 'every'",
    r"plugins/hooks\.lua:12: route 'GET /x': its path must be below",
    r"plugins/hooks\.lua:13: routes\['GET /api/x/hooks/it'\] must be a function",
    r"plugins/hooks\.lua:16: socket '/ws/hooks': its path must be /ws/x/hooks",
    r"plugins/hooks\.lua:17: sockets\['/ws/x/hooks'\] must be a function, or a table",
    r"plugins/syntax\.lua:3: unexpected symbol near '}'",
    r"hd1\.lua:9: plugin absent: there is no absent\.lua in plugins, nor in ",
    r"scripts/broken\.lua:3: ",
    r"scripts/other\.lua:2: ",
    r"hd1\.lua:11: session demo: .*nowhere",
    r"note: .* without what does not load: options, table, hooks, syntax, absent",
)


@scene("every fault of configuration, plugins, schemas and scripts is told at once", server=None)
async def _():
    code, out, err = await check({"hd1.lua": CONFIG, **FILES})
    equal((code, out), (78, ""))
    lines = err.splitlines()
    for fault in FAULTS:
        found = [line for line in lines if re.match(fault, line)]
        equal(len(found), 1, f"{fault}\n{err}")
        lines.remove(found[0])
    equal(lines, [], "told, but not expected")


@scene("a schema that does not compile is a fault though nobody checks by it", server=None)
async def _():
    lines = await faults({
        "hd1.lua": 'return { plugin_path = "plugins", plugins = { "shape" } }',
        "plugins/shape.lua": """return { name = "shape", version = "1", api = 1,
  events = { shaped = { schema = { type = "object", minProperties = 1 } } },
  setup = function() end }"""})
    equal(lines, ['plugins/shape.lua:2: event shaped: schema: unknown keyword "minProperties"; '
                  "known: type, const, enum, minimum, maximum, minLength, maxLength, items, "
                  "maxItems, required, properties, additionalProperties, $schema, title, "
                  "description, examples"])


@scene("a configuration that does not run is the only fault told", server=None)
async def _():
    code, _, err = await check({"hd1.lua": "return {\n  plugins = \n}\n", **FILES})
    equal((code, len(err.splitlines())), (78, 1))
    assert err.startswith("hd1.lua:3: "), err


@scene("what setup refuses is told with the place of its entry in the configuration", server=None)
async def _():
    lines = await faults({
        "hd1.lua": 'return { plugin_path = "plugins", plugins = {\n"loud",\n{ "quiet", odd = 7 },\n'
                   '{ "object_rights", rights = { edit = "role builder" } } } }',
        "plugins/loud.lua": plugin("loud", "local x\nx.y = 1"),
        "plugins/quiet.lua": plugin("quiet", 'error("option odd: 7 is not even", 0)',
                                    'config = { odd = { type = "integer" } },')})
    equal(len(lines), 3, str(lines))
    equal(lines[0], "hd1.lua:3: plugin quiet: option odd: 7 is not even (plugins/quiet.lua:3)")
    assert re.fullmatch(r"hd1\.lua:4: plugin object_rights: option rights\.edit: .*"
                        r" \(\S+/plugins/object_rights\.lua:\d+\)", lines[1]), lines[1]
    assert re.fullmatch(r"plugins/loud\.lua:4: attempt .* \(plugin loud, hd1\.lua:2\)", lines[2])


UPDATES = """object{ name = "o", type = "cube" }
assert(session.update("o", { x = 1 }))
"""


@scene("a script that updates what it has just set up passes the check and the start", start=False)
async def _(server):
    (server.folder / "scripts").mkdir()
    (server.folder / "scripts" / "upd.lua").write_text(UPDATES)
    server.config = (f'return {{ plugins = {{}}, script_path = "{server.folder / "scripts"}",\n'
                     'sessions = { x = { script = "upd" } } }')
    (server.folder / "check.lua").write_text(server.config)
    code, _, err = await run_hd1("check", "--config", "check.lua", cwd=server.folder)
    equal((code, err), (0, ""))
    await server.start()
    await server.create_session("posted", script="upd")
    for name in ("x", "posted"):
        async def moved():
            answer = await server.get(f"/api/sessions/{name}/objects/o")
            return answer.status == 200 and answer.json.get("x") == 1
        await until(moved, what=f"{name} to be updated")


run()
