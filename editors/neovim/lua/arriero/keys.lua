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

-- Before what was typed ahead; mapped again only where the mapping itself is.
local function feed(keys, remap)
  vim.api.nvim_feedkeys(keys, remap and "mi" or "ni", false)
end

-- What a mapping stands for, as if it were typed; nil where calling it was all.
local function meaning(old)
  local said = old.rhs
  if old.callback then
    said = old.callback()
  elseif old.expr == 1 then
    said = vim.api.nvim_eval(said)
  end
  if not said or (old.callback and old.expr ~= 1) then
    return nil
  end
  return (old.expr ~= 1 or old.replace_keycodes == 1) and vim.keycode(said) or said
end

-- What the key does without a suggestion: what it did before.
local function otherwise(key)
  local old, typed = vim.fn.maparg(key, "i", false, true), vim.keycode(key)
  return function()
    if vim.tbl_isempty(old) then
      return feed(typed)
    end
    local keys = meaning(old)
    if keys then
      -- A mapping that begins with its own key ends there, as it does in Neovim.
      feed(keys, old.noremap == 0 and not vim.startswith(keys, typed))
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
