-- A small gallery: floor, walls with pictures, benches, and twelve exhibits on pedestals.

local ROOM = 12 -- half of its width: the default grid reaches from -12 to 12
local WALL_HEIGHT = 5

world({ size = 25, transparency = 0.85, background = "#e8e4da", title = "Gallery" })
camera({ position = { x = 0, y = 6, z = 12 }, target = { x = 0, y = 1.5, z = -2 } })

local function box(name, x, y, z, scale, color)
  object({ name = name, type = "cube", x = x, y = y, z = z, scale = scale, color = color })
end

-- The room; it is open to the front.
box("floor", 0, -0.1, 0, { x = 2 * ROOM, y = 0.2, z = 2 * ROOM }, "#8a6f4d")
box("wall_back", 0, WALL_HEIGHT / 2, -ROOM, { x = 2 * ROOM, y = WALL_HEIGHT, z = 0.2 }, "#f4f1ea")
box("wall_left", -ROOM, WALL_HEIGHT / 2, 0, { x = 0.2, y = WALL_HEIGHT, z = 2 * ROOM }, "#ece8df")
box("wall_right", ROOM, WALL_HEIGHT / 2, 0, { x = 0.2, y = WALL_HEIGHT, z = 2 * ROOM }, "#ece8df")
box("carpet", 0, 0.02, 2, { x = 6, y = 0.04, z = 14 }, "#7d1f2e")

-- Pictures: a frame and, a little before it, the canvas.
local canvases = { "#1d3557", "#e63946", "#f1c453", "#2a9d8f", "#6d597a", "#f4845f" }

local function picture(index, x, z, is_on_side)
  local name = "picture_" .. index
  local wide, thin = 3, 0.1
  local function flat(width, height)
    return is_on_side and { x = thin, y = height, z = width } or { x = width, y = height, z = thin }
  end
  local inward = 0.08
  local canvas_x = is_on_side and x - (x > 0 and inward or -inward) or x
  local canvas_z = is_on_side and z or z + inward
  box(name .. "_frame", x, 2.6, z, flat(wide, 2.2), "#3b2f2f")
  box(name, canvas_x, 2.6, canvas_z, flat(wide - 0.3, 1.9), canvases[index])
end

picture(1, -6, 0.15 - ROOM, false)
picture(2, 6, 0.15 - ROOM, false)
picture(3, 0.15 - ROOM, -4, true)
picture(4, 0.15 - ROOM, 4, true)
picture(5, ROOM - 0.15, -4, true)
picture(6, ROOM - 0.15, 4, true)

-- Two rows of pedestals along the carpet, each with a shape and a colour of its own.
local shapes = { "sphere", "cone", "cylinder", "torus", "cube", "tetrahedron" }

for index = 1, 12 do
  local is_left = index <= 6
  local place = (index - 1) % 6
  local x, z = is_left and -5 or 5, 8 - 3 * place
  local hue = (index - 1) * 30
  box("pedestal_" .. index, x, 0.6, z, { x = 1.2, y = 1.2, z = 1.2 }, "#d9d4c7")
  object({
    name = "exhibit_" .. index,
    type = shapes[is_left and place + 1 or 6 - place],
    x = x, y = 1.8, z = z,
    scale = 0.6 + 0.4 * random(),
    rotation = { y = 15 * place },
    color = string.format("hsl(%d 75%% 50%%)", hue),
    label = string.format("No. %d", index),
  })
end

box("bench_1", 0, 0.4, 4, { x = 2, y = 0.3, z = 0.6 }, "#5b4636")
box("bench_2", 0, 0.4, -2, { x = 2, y = 0.3, z = 0.6 }, "#5b4636")

-- Something to walk towards.
object({
  name = "centrepiece", type = "sphere", x = 0, y = 2.2, z = -8, scale = 2.4, color = "gold",
  label = "Please do not touch",
})
box("plinth", 0, 0.5, -8, { x = 2.4, y = 1, z = 2.4 }, "#bfb8a8")
