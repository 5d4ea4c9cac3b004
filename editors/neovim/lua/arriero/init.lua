-- What mappings and status lines call. Everything else is called by Neovim.
local ghost = require("arriero.ghost")
local native = require("arriero.native")
local pieces = require("arriero.pieces")

local M = {}

local function suggestions()
  return native.is_enabled(vim.api.nvim_get_current_buf()) and native or ghost
end

--- Put the suggestion in. These three return whether there was one.
function M.accept()
  return suggestions().accept(pieces.all)
end

function M.accept_word()
  return suggestions().accept(pieces.word)
end

function M.accept_line()
  return suggestions().accept(pieces.line)
end

--- Show the next suggestion; where there is none, the model is asked for one.
function M.next()
  return suggestions().next()
end

function M.previous()
  return suggestions().previous()
end

--- Return a word or two for the status line: what arriero is doing, and "" in other buffers.
function M.statusline()
  return require("arriero.status").line()
end

return M
