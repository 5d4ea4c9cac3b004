-- Suggestions as grey text, drawn by us: asked for at every key, and cancelled at the next one.
--
-- Neovim 0.11 has nothing of this kind. Where people switched Neovim 0.12's own on, native.lua is in
-- its place.
local native = require("arriero.native")
local pieces = require("arriero.pieces")

local M = {}

local METHOD = "textDocument/inlineCompletion"
local BY_HAND, AUTOMATIC = 1, 2 -- InlineCompletionTriggerKind

local namespace = vim.api.nvim_create_namespace("arriero")

---@class arriero.Ghost
---@field client vim.lsp.Client
---@field place? string where the cursor was when the model was last asked
---@field request? integer the one under way
---@field items lsp.InlineCompletionItem[]
---@field chosen integer which of the items is shown
---@field origin? { row: integer, column: integer, behind: string } where the items belong
---@field again? boolean whether the model is asked once more, since it said what is shown already
---@field rest string what of the item is not in the text yet; "" where nothing is shown

---@type table<integer, arriero.Ghost>
local ghosts = {}

-- Row from 0 and column in bytes, as the buffer's functions take them.
local function cursor()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  return row - 1, column
end

-- The same string as long as neither the text nor the cursor moved.
local function place()
  return table.concat({ vim.api.nvim_buf_get_changedtick(0), cursor() }, ":")
end

local function behind_cursor()
  local _, column = cursor()
  return vim.api.nvim_get_current_line():sub(column + 1)
end

-- Where Neovim draws suggestions itself, or has its own pop-up open, there is no room for ours.
local function typing()
  return vim.startswith(vim.api.nvim_get_mode().mode, "i")
    and vim.fn.pumvisible() == 0
    and not native.is_enabled(vim.api.nvim_get_current_buf())
end

-- Tabs have no width of their own in virtual text.
local function drawn(line, group)
  return { { (line:gsub("\t", (" "):rep(vim.bo.tabstop))), group } }
end

local function draw(ghost, hint)
  vim.api.nvim_buf_clear_namespace(0, namespace, 0, -1)
  if ghost.rest == "" or not typing() then
    return
  end
  local lines = vim.iter(vim.split(ghost.rest, "\n")):map(function(line)
    return drawn(line, "ArrieroSuggestion")
  end)
  local first, below = lines:next(), lines:totable()
  if hint then
    table.insert(below[#below] or first, { hint, "ArrieroHint" })
  end
  local row, column = cursor()
  vim.api.nvim_buf_set_extmark(0, namespace, row, column, {
    virt_text = first,
    virt_text_pos = "inline",
    virt_lines = below,
    hl_mode = "combine",
  })
end

-- What was typed since the items were asked for, if nothing else changed on the line.
local function typed_since(origin)
  local row, column = cursor()
  if row < origin.row or (row == origin.row and column < origin.column) then
    return nil
  end
  if behind_cursor() ~= origin.behind then
    return nil
  end
  return table.concat(
    vim.api.nvim_buf_get_text(0, origin.row, origin.column, row, column, {}),
    "\n"
  )
end

-- Work out what is left of the chosen item here, and draw it.
local function show(ghost, hint)
  local item = ghost.items[ghost.chosen]
  local typed = item and typed_since(ghost.origin)
  ghost.rest = typed and pieces.after(item.insertText, typed) or ""
  draw(ghost, hint)
end

local function cancel(ghost)
  if ghost.request then
    ghost.client:cancel_request(ghost.request)
    ghost.request = nil
  end
end

local function drop(ghost)
  cancel(ghost)
  ghost.items, ghost.rest, ghost.place = {}, "", nil
end

-- Neovim's lines end with "\n", whatever the file's do.
local function unified(items)
  for _, item in ipairs(items) do
    item.insertText = item.insertText:gsub("\r\n?", "\n")
  end
  return items
end

local function hint_of(ghost)
  return #ghost.items > 1 and ("  %d/%d"):format(ghost.chosen, #ghost.items) or nil
end

local ask

local function nothing_new(ghost, items, shown_before)
  return #items == 1
    and shown_before ~= ""
    and items[1].insertText == shown_before
    and not ghost.again
end

local function answered(ghost, answer, trigger, asked_at)
  ghost.request = nil
  if asked_at ~= place() or not typing() then
    return
  end
  local items = unified(answer and (answer.items or answer) or {})
  if trigger == BY_HAND and nothing_new(ghost, items, ghost.rest) then
    ghost.again = true
    return ask(ghost, BY_HAND)
  end
  local row, column = cursor()
  ghost.items, ghost.chosen, ghost.again = items, 1, false
  ghost.origin = { row = row, column = column, behind = behind_cursor() }
  show(ghost, trigger == BY_HAND and hint_of(ghost) or nil)
  if trigger == BY_HAND and #items == 0 then
    vim.api.nvim_echo({ { "arriero has nothing to suggest here." } }, false, {})
  end
end

function ask(ghost, trigger)
  cancel(ghost)
  local buffer, asked_at = vim.api.nvim_get_current_buf(), place()
  local params = vim.lsp.util.make_position_params(0, ghost.client.offset_encoding)
  ---@diagnostic disable-next-line: inject-field
  params.context = { triggerKind = trigger }
  ghost.place = asked_at
  local _, request = ghost.client:request(METHOD, params, function(_, answer)
    -- A failure was told by the server, in words.
    if ghosts[buffer] == ghost and vim.api.nvim_get_current_buf() == buffer then
      answered(ghost, answer, trigger, asked_at)
    end
  end, buffer)
  ghost.request = request
end

-- The cursor or the text may have moved: what is shown stays as far as it is typed through.
local function follow(ghost)
  if not typing() then
    drop(ghost)
    draw(ghost)
  elseif ghost.place ~= place() then
    show(ghost)
    ask(ghost, AUTOMATIC)
  end
end

local function visible()
  local ghost = ghosts[vim.api.nvim_get_current_buf()]
  return ghost and ghost.rest ~= "" and ghost or nil
end

local function insert(text)
  local row, column = cursor()
  local lines = vim.split(text, "\n")
  vim.cmd("let &undolevels = &undolevels") -- a step of its own for undo
  vim.api.nvim_buf_set_text(0, row, column, row, column, lines)
  local last = #lines[#lines]
  vim.api.nvim_win_set_cursor(0, { row + #lines, #lines == 1 and column + last or last })
end

local function take(ghost, piece)
  local item = ghost.items[ghost.chosen]
  insert(piece(ghost.rest))
  show(ghost)
  if ghost.rest == "" and item.command then
    ghost.client:exec_cmd(item.command, { bufnr = vim.api.nvim_get_current_buf() })
  end
end

-- Put a piece of the suggestion in; false where there is none. No `expr` mapping can call this: those
-- must not change text.
function M.accept(piece)
  local ghost = visible()
  if ghost then
    take(ghost, piece)
  end
  return ghost ~= nil
end

-- Go to the next of several suggestions; behind the last one, ask the model for another.
function M.next()
  local ghost = ghosts[vim.api.nvim_get_current_buf()]
  if not ghost then
    return false
  elseif ghost.rest ~= "" and ghost.chosen < #ghost.items then
    ghost.chosen = ghost.chosen + 1
    show(ghost, hint_of(ghost))
  else
    ask(ghost, BY_HAND)
  end
  return true
end

function M.previous()
  local ghost = visible()
  if ghost then
    ghost.chosen = (ghost.chosen - 2) % #ghost.items + 1
    show(ghost, hint_of(ghost))
  end
  return ghost ~= nil
end

local EVENTS = { "InsertEnter", "InsertLeave", "CursorMovedI", "TextChangedI", "TextChangedP" }

local function group_of(buffer)
  return vim.api.nvim_create_augroup("arriero.ghost." .. buffer, { clear = true })
end

function M.attach(client, buffer)
  local ghost = { client = client, items = {}, chosen = 1, rest = "" }
  ghosts[buffer] = ghost
  vim.api.nvim_create_autocmd(EVENTS, {
    group = group_of(buffer),
    buffer = buffer,
    callback = function()
      follow(ghost)
    end,
  })
end

function M.detach(buffer)
  ghosts[buffer] = nil
  vim.api.nvim_del_augroup_by_id(group_of(buffer))
  if vim.api.nvim_buf_is_valid(buffer) then
    vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  end
end

return M
