#!/usr/bin/python3
"""The plugins that ship, as their users meet them: who may speak, who is away, whose objects, who did
what."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import Refused, equal, run, scene

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "plugins")
TOKENS = """{ "tokens", tokens = { { token = "t-romeo", user = "romeo" },
  { token = "t-friar", user = "friar", roles = { "moderator", "builder" } },
  { token = "t-prince", user = "prince", roles = { "admin" } } } }"""


async def start(server, *entries):
    entries = ", ".join((TOKENS, *entries))
    server.config = f'return {{ plugin_path = "{EXAMPLES}", plugins = {{ {entries} }} }}'
    await server.start()
    await server.create_session("verona")


async def join(server, user=None, session="verona"):
    client = await server.client(user or "nobody", f"/ws?access_token=t-{user}" if user else "/ws")
    await client.join(session)
    return client


def bearer(user):
    return {"headers": {"Authorization": f"Bearer t-{user}"}} if user else {}


async def refused(awaitable, status, code):
    try:
        answer = await awaitable
    except Refused as refusal:
        equal((refusal.status, refusal.code), (status, code))
        return refusal.error
    raise AssertionError(f"was accepted: {answer}")


def say(client, text):
    return client.do("chat_message", {"session_id": "verona", "text": text})


async def history(server, query="", session="verona"):
    answer = await server.get(f"/api/x/chat/{session}/history{query}")
    equal(answer.status, 200, answer)
    return [item["text"] for item in answer.json["items"]]


# --- chat ---

@scene("chat: the newest lines are kept, over a restart, until the session goes", start=False)
async def _(server):
    await start(server, '{ "chat", history = 3 }')
    romeo = await join(server, "romeo")
    said = [await say(romeo, f"line {n}") for n in range(5)]
    equal(await history(server), ["line 2", "line 3", "line 4"])
    equal(await history(server, "?limit=1"), ["line 4"])
    item = (await server.get("/api/x/chat/verona/history")).json["items"][-1]
    equal(item, {"seq": said[-1]["seq"], "time_ms": said[-1]["time_ms"], "client_id": romeo.id,
                 "user": "romeo", "text": "line 4"})
    answer = await server.get("/api/x/chat/verona/history?limit=501")
    equal((answer.status, answer.json["code"]), (400, "invalid_query"))
    equal(await history(server, session="mantua"), [])
    await server.restart()
    equal(await history(server), ["line 2", "line 3", "line 4"])
    await server.http("DELETE", "/api/sessions/verona")
    equal(await history(server), [])
    await server.create_session("verona")
    await say(await join(server), "again")
    equal(await history(server), ["again"])


@scene("chat: what is kept is what everybody read", start=False)
async def _(server):
    folder = server.folder / "plugins"
    folder.mkdir()
    (folder / "soft.lua").write_text("""return { name = "soft", version = "1", api = 1,
      setup = function(hd1) return { before_event = { chat_message = function(event)
        if event.data.text == "no" then return hd1.reject{ code = "no" } end
        return hd1.patch{ text = event.data.text:gsub("hell", "h**l") } end } } end }""")
    server.config = f'return {{ plugin_path = "{folder}", plugins = {{ "chat", "soft" }} }}'
    await server.start()
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    await say(romeo, "what the hell")
    await refused(say(romeo, "no"), 422, "no")
    equal(await history(server), ["what the h**l"])


@scene("chat: moderators mute by user or client, and unmute; it outlives a restart", start=False)
async def _(server):
    await start(server, '"validate"', '"chat"')
    romeo, friar, nobody = [await join(server, user) for user in ("romeo", "friar", None)]

    def mute(client, **data):
        return client.do("chat_mute", {"session_id": "verona", **data})

    for client in (romeo, nobody):
        await refused(mute(client, user="friar", seconds=5), 403, "not_moderator")
    for wrong in ({"seconds": 5}, {"seconds": -1, "user": "romeo"}, {"user": "romeo"},
                  {"seconds": 5, "user": "romeo", "client_id": romeo.id}):
        await refused(mute(friar, **wrong), 422, "invalid_event")
    await mute(friar, user="romeo", seconds=3600)
    await mute(friar, client_id=nobody.id, seconds=60)
    await romeo.expect("chat_mute")
    error = await refused(say(romeo, "she speaks"), 403, "muted")
    assert 3590000 < error["retry_after_ms"] <= 3600000, error
    error = await refused(say(nobody, "but soft"), 403, "muted")
    assert 50000 < error["retry_after_ms"] <= 60000, error
    line = [{"type": "chat_message", "data": {"text": "by REST"}}]
    answer = await server.post("/api/sessions/verona/events", line, **bearer("romeo"))
    equal((answer.status, answer.json["code"]), (403, "muted"))
    await say(friar, "peace")
    await server.restart()
    romeo, friar, nobody = [await join(server, user) for user in ("romeo", "friar", None)]
    await refused(say(romeo, "again"), 403, "muted")
    await say(nobody, "a new connection")
    await mute(friar, user="romeo", seconds=0)
    await say(romeo, "thanks")
    await mute(friar, user="romeo", seconds=3600)
    await server.http("DELETE", "/api/sessions/verona")
    await server.create_session("verona")
    await say(await join(server, "romeo"), "another session")


# --- presence_idle ---

@scene("presence_idle: away after a while, back at once, beside what the client says", start=False)
async def _(server):
    await start(server, '{ "presence_idle", after_s = 1 }')
    romeo, juliet = [await join(server) for _ in range(2)]

    def presence_of_romeo(**members):
        return lambda m: m["data"]["client_id"] == romeo.id and m["data"]["presence"] == members

    await romeo.send("presence", {"mood": "sad"})
    await juliet.expect("presence_updated", lambda m: m["data"]["client_id"] == romeo.id
                        and m["data"]["presence"].get("mood") == "sad")
    await juliet.expect("presence_updated", presence_of_romeo(mood="sad", state="away"))
    late = await server.client("late")
    page = await late.join("verona")
    assert page is not None
    await romeo.send("camera_moved", {"session_id": "verona", "position": {"x": 0, "y": 0, "z": 0},
                                      "target": {"x": 0, "y": 0, "z": 1}})
    await juliet.expect("presence_updated", presence_of_romeo(mood="sad", state="active"))
    await juliet.expect("presence_updated", presence_of_romeo(mood="sad", state="away"))
    await romeo.send("presence", {"mood": "glad"})
    await juliet.expect("presence_updated", lambda m: m["data"]["client_id"] == romeo.id
                        and m["data"]["presence"] == {"mood": "glad", "state": "active"})


@scene("presence_idle: who is away comes back after a reload, too", start=False)
async def _(server):
    await start(server, '{ "presence_idle", after_s = 1 }')
    romeo, juliet = [await join(server) for _ in range(2)]

    def is_romeo(state):
        return lambda m: (m["data"]["client_id"], m["data"]["presence"]) == (
            romeo.id, {"state": state})

    await juliet.expect("presence_updated", is_romeo("away"))
    await server.reload()
    await romeo.send("presence", {})
    await juliet.expect("presence_updated", is_romeo("active"))


# --- object_rights ---

def thing(name, **members):
    return {"session_id": "verona", "object": {"name": name, **members}}


@scene("object_rights: owners edit and delete, anyone moves, roles as configured", start=False)
async def _(server):
    await start(server, '{ "object_rights", rights = { delete = "owner, role:builder" } }')
    romeo, friar, nobody, other = [await join(server, u) for u in ("romeo", "friar", None, None)]
    await romeo.do("object_created", thing("rose", type="cube"))
    await nobody.do("object_created", thing("thorn", type="cube"))
    await nobody.do("object_updated", thing("rose", x=1, rotation={"y": 9}, scale=2))
    error = await refused(nobody.do("object_updated", thing("rose", x=1, color="red")), 403,
                          "not_allowed")
    equal(error["details"], {"right": "edit", "name": "rose"})
    await refused(friar.do("object_updated", thing("rose", color="red")), 403, "not_allowed")
    await refused(romeo.do("object_updated", thing("thorn", color="red")), 403, "not_allowed")
    await refused(other.do("object_updated", thing("thorn", color="red")), 403, "not_allowed")
    await nobody.do("object_updated", thing("thorn", color="red"))
    await refused(other.do("object_deleted", {"session_id": "verona", "name": "rose"}), 403,
                  "not_allowed")
    # who tries to make what is there already does not get it
    await refused(friar.do("object_created", thing("rose", type="cube")), 409, "object_exists")
    await refused(friar.do("object_updated", thing("rose", color="red")), 403, "not_allowed")
    await server.restart()
    romeo, friar, nobody = [await join(server, user) for user in ("romeo", "friar", None)]
    await romeo.do("object_updated", thing("rose", color="red"))
    answer = await server.http("DELETE", "/api/sessions/verona/objects/rose")
    equal((answer.status, answer.json["code"]), (403, "not_allowed"))
    await friar.do("object_deleted", {"session_id": "verona", "name": "rose"})
    await nobody.do("object_created", thing("rose", type="cube"))
    await refused(romeo.do("object_updated", thing("rose", color="red")), 403, "not_allowed")


@scene("object_rights: a session's id used again owes nothing; nobody's objects", start=False)
async def _(server):
    await start(server, """{ "object_rights", ownerless = "role:builder",
      rights = { create = "role:builder", move = "owner" } }""")
    romeo, friar = [await join(server, user) for user in ("romeo", "friar")]
    await refused(romeo.do("object_created", thing("rose", type="cube")), 403, "not_allowed")
    await friar.do("object_created", thing("rose", type="cube"))
    await server.http("DELETE", "/api/sessions/verona")
    await server.create_session("verona", script="gallery")
    await romeo.join("verona")
    await friar.join("verona")
    await refused(romeo.do("object_updated", thing("bench_1", x=1)), 403, "not_allowed")
    move = {"session_id": "verona", "name": "bench_1", "x": 1, "y": 0, "z": 0}
    await romeo.send("object_moved", move)
    equal((await romeo.expect_error("not_allowed"))["details"],
          {"right": "move", "name": "bench_1"})
    await friar.do("object_updated", thing("bench_1", x=1))


@scene("object_rights: a word that it does not know refuses to start", start=False)
async def _(server):
    for option, part in (('rights = { edit = "owners" }', "rights.edit: 'owners'"),
                         ('rights = { create = "owner" }', "rights.create: 'owner'"),
                         ('ownerless = "x"', "ownerless: 'x'")):
        server.config = f'return {{ plugins = {{ {{ "object_rights", {option} }} }} }}'
        await server.refuse_to_start()
        assert any(part in line for line in server.log), server.log


# --- audit ---

async def entries(server, query="", user="prince"):
    answer = await server.get(f"/api/x/audit{query}", **bearer(user))
    equal(answer.status, 200, answer)
    return answer.json


@scene("audit: who did what, the newest first, exactly what happened", start=False)
async def _(server):
    await start(server, '"chat"', '{ "audit", keep = 6 }')
    romeo = await join(server, "romeo")
    await romeo.do("object_created", thing("rose", type="cube"))
    await refused(romeo.do("object_created", thing("rose", type="cube")), 409, "object_exists")
    await romeo.send("object_moved", {"session_id": "verona", "name": "rose", "x": 1, "y": 0, "z": 0})
    await server.create_object("verona", "thorn", type="cube")
    found = await entries(server)
    equal([(e["number"], e["type"], e["session"], e.get("object"), e.get("user"))
           for e in found["items"]],
          [(3, "object_created", "verona", "thorn", None),
           (2, "object_created", "verona", "rose", "romeo"),
           (1, "session_created", "verona", None, None)])
    equal((found["next"], found["items"][1]["client"], found["items"][1]["address"]),
          (None, romeo.id, "127.0.0.1"))
    await server.restart(is_killed=True)
    equal((await entries(server))["items"], found["items"])
    for query, numbers in (("?user=romeo", [2]), ("?session=verona&limit=1", [3]),
                           ("?before=3", [2, 1]), ("?before=1", []), ("?session=mantua", [])):
        equal([e["number"] for e in (await entries(server, query))["items"]], numbers, query)
    equal((await entries(server, "?limit=2"))["next"], 2)
    for _ in range(5):
        await server.post("/api/sessions/verona/events", {"type": "chat_message",
                                                          "data": {"text": "hi"}})
    equal([e["number"] for e in (await entries(server))["items"]], [8, 7, 6, 5, 4, 3])


@scene("audit: only for whom it is meant", start=False)
async def _(server):
    await start(server, '"audit"')
    for user, query, status, code in (("romeo", "", 403, "not_allowed"), (None, "", 403, "not_allowed"),
                                      ("prince", "?limit=0", 400, "invalid_query"),
                                      ("prince", "?before=x", 400, "invalid_query")):
        answer = await server.get("/api/x/audit" + query, **bearer(user))
        equal((answer.status, answer.json["code"]), (status, code))
    answer = await server.get("/api/x/audit", headers={"Authorization": "Bearer t-tybalt"})
    equal((answer.status, answer.json["code"]), (401, "unknown_token"))
    assert "t-romeo" not in (await server.get("/api/plugins")).body.decode()


@scene("audit: open, if the operator says so; scripts too", start=False)
async def _(server):
    server.config = 'return { plugins = { { "audit", open = true, scripts = true } } }'
    await server.start()
    await server.create_session("verona", script="gallery")
    found = await entries(server, "?session=verona&limit=1000", None)
    assert any(e["client"] == "script:gallery" for e in found["items"]), found


@scene("all of them together", start=False)
async def _(server):
    await start(server, '"presence_idle"', '"rate_limit"', '"validate"', '"chat"', '"object_rights"',
                '"audit"')
    romeo = await join(server, "romeo")
    await romeo.do("object_created", thing("rose", type="cube"))
    await say(romeo, "a rose")
    equal([e["type"] for e in (await entries(server, "?user=romeo"))["items"]],
          ["chat_message", "object_created"])
    equal([p["name"] for p in (await server.get("/api/plugins")).json["items"]],
          ["tokens", "presence_idle", "rate_limit", "validate", "chat", "object_rights", "audit"])


if __name__ == "__main__":
    run()
