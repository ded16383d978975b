-- The sun, eight planets and some moons in motion; not to scale, but the outer ones are slower.

local STEP_S = 0.1 -- time between two moves
local YEAR_S = 12 -- the earth's

-- name, distance from the sun, diameter, colour
local planets = {
  { "mercury", 2.2, 0.25, "#9c8f86" },
  { "venus", 3.0, 0.42, "#e6c88f" },
  { "earth", 4.0, 0.45, "#3f7fd1" },
  { "mars", 5.0, 0.34, "#c1502e" },
  { "jupiter", 6.7, 1.2, "#d8b48a" },
  { "saturn", 8.6, 1.0, "#e3d3a0" },
  { "uranus", 10.1, 0.7, "#9fdce0" },
  { "neptune", 11.4, 0.68, "#4364d8" },
}

-- name, of which planet, distance from it, diameter, seconds for a round, colour
local moons = {
  { "moon", "earth", 0.55, 0.13, 3, "#c9c9c9" },
  { "io", "jupiter", 0.85, 0.12, 2, "#f2d64b" },
  { "europa", "jupiter", 1.05, 0.11, 3.5, "#d9cbb0" },
  { "ganymede", "jupiter", 1.25, 0.16, 6, "#a8967f" },
  { "titan", "saturn", 1.1, 0.15, 5, "#dfae4e" },
}

-- Kepler's third law, with the earth as the measure.
local function period_s(distance)
  return YEAR_S * (distance / 4.0) ^ 1.5
end

-- Three decimals are enough to look at, and short to send.
local function short(number)
  return math.floor(number * 1000 + 0.5) / 1000
end

local function on_circle(center, radius, turns)
  local angle = 2 * math.pi * turns
  return {
    x = short(center.x + radius * math.cos(angle)),
    y = center.y,
    z = short(center.z - radius * math.sin(angle)),
  }
end

-- Where everything is after so many seconds: bodies(function(name, place, diameter, color)).
local function bodies(time_s, each)
  local places = {}
  local sun = { x = 0, y = 0, z = 0 }
  for index, planet in ipairs(planets) do
    local name, distance, diameter, color = table.unpack(planet)
    places[name] = on_circle(sun, distance, time_s / period_s(distance) + index * 0.38)
    each(name, places[name], diameter, color)
  end
  for _, moon in ipairs(moons) do
    local name, planet, distance, diameter, round_s, color = table.unpack(moon)
    each(name, on_circle(places[planet], distance, time_s / round_s), diameter, color)
  end
end

world({ size = 25, transparency = 1, background = "#05060f", title = "Solar system" })
camera({ position = { x = 0, y = 9, z = 15 }, target = { x = 0, y = 0, z = 0 } })
object({ name = "sun", type = "sphere", scale = 2.6, color = "#ffcc33", glow = true })
bodies(0, function(name, place, diameter, color)
  object({
    name = name, type = "sphere", x = place.x, y = place.y, z = place.z,
    scale = diameter, color = color,
  })
end)

-- Motion is volatile: nobody needs to read in the history where the earth was. Who joins later gets
-- the newest places.
local time_s = 0

every(STEP_S, function()
  time_s = time_s + STEP_S
  bodies(time_s, function(name, place)
    session.move(name, place)
  end)
end)
