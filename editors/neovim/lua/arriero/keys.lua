-- The keys in insert mode. `vim.g.arriero_keys` changes some, or none are set where it is false.
local M = {}

M.DEFAULTS = {
  accept = "<C-l>",
  accept_word = "<M-Right>",
  accept_line = "<M-Down>",
  next = "<M-n>",
  previous = "<M-p>",
}

local SAYS = {
  accept = "Accept the suggestion",
  accept_word = "Accept a word of the suggestion",
  accept_line = "Accept a line of the suggestion",
  next = "Show the next suggestion, or ask for one",
  previous = "Show the previous suggestion",
}

local function feed(keys)
  vim.api.nvim_feedkeys(vim.keycode(keys), "ni", false) -- before what was typed ahead
end

-- What the key does without a suggestion: what it did before.
local function otherwise(key)
  local old = vim.fn.maparg(key, "i", false, true)
  if not old.callback then
    return function()
      feed(old.rhs and old.expr ~= 1 and old.rhs or key)
    end
  end
  return function()
    local keys = old.callback()
    if old.expr == 1 and keys then
      feed(keys)
    end
  end
end

local function mapped(key, name)
  local go_on = otherwise(key)
  return function()
    if not require("arriero")[name]() then
      go_on()
    end
  end
end

-- The keys that are wanted. A default never takes the place of what is mapped already.
function M.in_force()
  local told, keys = vim.g.arriero_keys, {}
  for name, default in pairs(M.DEFAULTS) do
    local chosen = told and told[name]
    if chosen == nil and vim.fn.mapcheck(default, "i") == "" then
      keys[name] = default
    elseif chosen then
      keys[name] = chosen
    end
  end
  return keys
end

function M.map(buffer)
  if vim.g.arriero_keys == false or vim.b[buffer].arriero_mapped then
    return
  end
  vim.b[buffer].arriero_mapped = true
  for name, key in pairs(M.in_force()) do
    vim.keymap.set("i", key, mapped(key, name), { buffer = buffer, desc = SAYS[name] })
  end
end

return M
