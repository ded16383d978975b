-- Who may do what with which objects. Each right is "anyone", "owner" or "role:NAME", or several of
-- them: "owner, role:builder". Whoever may not gets 403 "not_allowed".
--
--   create   object_created
--   move     object_moved, and object_updated of nothing but x, y, z, rotation, scale
--   edit     any other object_updated
--   delete   object_deleted
--
-- The owner is who created it: his user, if a before_connect plugin gave him an identity; else his
-- client id, which ends with his connection. World scripts and plugins may do everything, and own
-- nothing. Where a right says "owner", objects without one (theirs, and those from before this
-- plugin) are for whom `ownerless` says. Who owns what is on disk with the event that made it so.

local owners = require("owners")
local rights = require("rights")

local MOVES = { name = true, x = true, y = true, z = true, rotation = true, scale = true }

-- Anything else the core refuses, after us; and it would be no key of the store.
local function is_name(name)
  return type(name) == "string" and #name <= 64 and not name:find("[^%w_-]")
end
local SWEPT_PER_S = 500

-- Raises what refuses to start: a word that is none of these.
local function parse(option, text, may_be_owner)
  local is_good, right = pcall(rights.parse, text, may_be_owner)
  return is_good and right or error("option " .. option .. ": " .. right, 0)
end

local function setup(hd1, config)
  local owned = owners.new(hd1.store, hd1.uuid)
  local ownerless = parse("ownerless", config.ownerless, false)
  local right_to = {}
  for what, text in pairs(config.rights) do
    right_to[what] = parse("rights." .. what, text, what ~= "create") -- nobody owns it before
  end

  local function is_included(right, client)
    return right.anyone or right:has_role_of(client.identity)
  end

  local function owner_name(client)
    return client.user and "user:" .. client.user or "client:" .. client.id
  end

  local function is_owner(event, client, name)
    local owner = owned:of(event.session_id, name)
    return owner == owner_name(client) or owner == nil and is_included(ownerless, client)
  end

  -- nil, or the refusal.
  local function check(what, event, client, name)
    local right = right_to[what]
    if client.kind == "local" or not is_name(name)
      or is_included(right, client) or right.owner and is_owner(event, client, name) then
      return nil
    end
    return hd1.reject({
      code = "not_allowed", status = 403,
      message = string.format("to %s this is for: %s", what, config.rights[what]),
      details = { right = what, name = name },
    })
  end

  -- What owned:set() and owned:forget() answer, as nil or a refusal.
  local function unless_kept(is_kept, message)
    return not is_kept and hd1.reject({
      code = "owner_not_kept", status = 503, message = message, retry_after_ms = 1000,
    }) or nil
  end

  local function before_created(event, client)
    local name = event:members("/object", "name")
    local refusal = check("create", event, client, name)
    if refusal or client.kind == "local" or not is_name(name) then
      return refusal
    end
    -- If there is such an object, the core refuses the event, and this write is dropped with it.
    return unless_kept(owned:set(event.session_id, name, owner_name(client)))
  end

  local function before_updated(event, client)
    local object, what = event.data.object, "move"
    if type(object) ~= "table" then
      object = {}
    end
    for key in pairs(object) do
      what = MOVES[key] and what or "edit"
    end
    return check(what, event, client, object.name)
  end

  local function before_moved(event, client)
    return check("move", event, client, (event:members("", "name")))
  end

  local function before_deleted(event, client)
    local name = event:members("", "name")
    local refusal = check("delete", event, client, name)
    if refusal or not is_name(name) then
      return refusal
    end
    return unless_kept(owned:set(event.session_id, name, nil))
  end

  local function before_session_deleted(event)
    return unless_kept(owned:forget(event.session_id))
  end

  hd1.every(1, function() owned:sweep(SWEPT_PER_S) end)

  return { before_event = {
    object_created = before_created, object_updated = before_updated,
    object_moved = before_moved, object_deleted = before_deleted,
    session_deleted = before_session_deleted,
  } }
end

local function right(default, doc)
  return { type = "string", default = default, min = 1, max = 1000, doc = doc }
end

return {
  name = "object_rights",
  version = "1.0.0",
  api = 1,
  config = {
    rights = {
      type = "table", doc = "who may: anyone, owner, role:NAME, or several with commas between",
      fields = {
        create = right("anyone", "make objects (owner makes no sense here)"),
        move = right("anyone", "change where an object is, how it is turned and how large"),
        edit = right("owner", "change anything else of it"),
        delete = right("owner", "delete it"),
      },
    },
    ownerless = right("anyone", "who counts as owner of objects that have none: anyone, role:NAME"),
  },
  setup = setup,
}
