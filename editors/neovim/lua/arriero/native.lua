-- The same for Neovim 0.12's own grey text (vim.lsp.inline_completion), where it is switched on.
--
-- Neovim 0.12.4 leaves two things to do: it inserts at the place where it asked, whatever was typed
-- since, and it takes the file's line ends for text.
local pieces = require("arriero.pieces")

local M = {}

function M.is_enabled(buffer)
  return vim.lsp.inline_completion ~= nil
    and vim.lsp.inline_completion.is_enabled({ bufnr = buffer })
end

local function typed_since(start)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local good, lines = pcall(vim.api.nvim_buf_get_text, 0, start.row, start.col, row - 1, column, {})
  return good and table.concat(lines, "\n") or nil
end

-- What is left to insert here of an item, in pieces; nil where other text was typed meanwhile.
local function fitted(item, piece)
  local text = item.insert_text:gsub("\r\n?", "\n")
  local row, column = item.range:to_extmark()
  local typed = typed_since({ row = row, col = column })
  local rest = typed and pieces.after(text, typed)
  if not rest or rest == "" then
    return nil
  end
  local taken = piece(rest)
  item.insert_text = typed .. taken
  local cursor = vim.api.nvim_win_get_cursor(0)
  item.range = vim.range.extmark(0, row, column, cursor[1] - 1, cursor[2])
  if taken ~= rest then
    item.command = nil -- it counts what was taken whole
  end
  return item
end

function M.accept(piece)
  return vim.lsp.inline_completion.get({
    on_accept = function(item)
      return fitted(item, piece)
    end,
  })
end

function M.next()
  vim.lsp.inline_completion.select({ count = 1 })
  return true
end

function M.previous()
  vim.lsp.inline_completion.select({ count = -1 })
  return true
end

return M
