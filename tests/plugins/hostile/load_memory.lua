-- setup: not enough memory
local list = {}
for index = 1, 1e9 do
  list[index] = { index }
end
return list
