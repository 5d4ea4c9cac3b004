-- Actions by their ids, for :Arriero and mappings; the menu of `gra` has them by their titles.
local M = {}

local METHOD = "textDocument/codeAction"
local PATIENCE_MS = 1000 -- the server asks no model for this

-- First and last are lines from 1; nil is the cursor.
local function params_for(client, first, last)
  local params
  if first then
    params = vim.lsp.util.make_given_range_params(
      { first, 0 },
      { last, 0 },
      0,
      client.offset_encoding
    )
    params.range["end"] = { line = last, character = 0 }
  else
    params = vim.lsp.util.make_range_params(0, client.offset_encoding)
  end
  local at = first and { first - 1, last - 1 } or { vim.fn.line(".") - 1, vim.fn.line(".") - 1 }
  local reported = vim.iter(vim.diagnostic.get(0)):filter(function(each)
    return each.lnum <= at[2] and (each.end_lnum or each.lnum) >= at[1]
  end)
  params.context = { diagnostics = vim.lsp.diagnostic.from(reported:totable()), triggerKind = 1 }
  return params
end

local function ticket_of(action)
  return action.command and action.command.arguments and action.command.arguments[1] or {}
end

local function offered(client, first, last)
  local answer = client:request_sync(METHOD, params_for(client, first, last), PATIENCE_MS, 0)
  return vim.iter(answer and answer.result or {})
end

-- The ids of what can be done here.
function M.ids(client, first, last)
  local ids = offered(client, first, last):map(function(action)
    return ticket_of(action).action
  end)
  return vim.fn.uniq(vim.fn.sort(ids:totable()))
end

-- Carry an action out. An instruction is for "edit", which asks for it where it is not given.
function M.act(client, id, first, last, instruction)
  local action = offered(client, first, last):find(function(each)
    return ticket_of(each).action == id
  end)
  if not action then
    vim.notify(("arriero has no action %q for this place."):format(id), vim.log.levels.WARN)
    return
  end
  ticket_of(action).instruction = instruction
  client:exec_cmd(action.command, { bufnr = vim.api.nvim_get_current_buf() })
end

return M
