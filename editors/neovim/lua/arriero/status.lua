-- How the server is, as it tells by itself (arriero/status), and how far its work is.
local M = {}

---@type table<integer, table> the latest status, by client
local told = {}
---@type table<integer, table<string|integer, string>> what runs, by client and token
local running = {}

function M.client()
  return vim.lsp.get_clients({ bufnr = 0, name = "arriero" })[1]
    or vim.lsp.get_clients({ name = "arriero" })[1]
end

function M.hear(_, status, context)
  told[context.client_id] = status
  vim.cmd.redrawstatus()
end

function M.forget(client_id)
  told[client_id], running[client_id] = nil, nil
  vim.cmd.redrawstatus()
end

-- One line, short enough never to be answered with "Press ENTER".
local function say(text)
  local room = math.max(vim.v.echospace, 1)
  vim.api.nvim_echo({ { vim.fn.strcharpart(text, 0, room) } }, false, {})
end

-- Follow an action: its progress stands below, with the way to stop it.
function M.progress(client_id, token, value)
  local mine = running[client_id] or {}
  running[client_id] = mine
  if value.kind == "end" then
    mine[token] = nil
    say("")
  else
    mine[token] = value.title or mine[token] or "arriero"
    local far = value.message and (": " .. value.message) or ""
    say(("%s%s  (:Arriero cancel)"):format(mine[token], far))
  end
  vim.cmd.redrawstatus()
end

-- Stop the actions that run; returns how many.
function M.cancel(client)
  local tokens = vim.tbl_keys(running[client.id] or {})
  for _, token in ipairs(tokens) do
    client:notify("window/workDoneProgress/cancel", { token = token })
  end
  return #tokens
end

local function paused(status)
  return vim.iter(status.paused or {}):any(function(language)
    return language == "*" or language == vim.bo.filetype
  end)
end

function M.line()
  local client = vim.lsp.get_clients({ bufnr = 0, name = "arriero" })[1]
  if not client then
    return ""
  end
  local status = told[client.id] or { state = "starting" }
  local state = status.state == "ready" and paused(status) and "paused" or status.state
  return "arriero: " .. state
end

local function lines_of(status)
  local counts = status.suggestions
  return vim
    .iter({
      ("arriero is %s"):format(status.state),
      status.trouble ~= "" and status.trouble or nil,
      status.model and ("model: %s at %s"):format(status.model, status.url) or nil,
      status.kept_back and ("this file is sent to no model: %s"):format(status.kept_back) or nil,
      #status.paused > 0 and ("paused: %s"):format(table.concat(status.paused, ", ")) or nil,
      ("suggestions: %d shown, %d accepted, %d partly, %d rejected"):format(
        counts.shown,
        counts.accepted,
        counts.partly,
        counts.rejected
      ),
    })
    :totable()
end

-- Ask the server how it is, and say it.
function M.tell(client)
  local params = { uri = vim.uri_from_bufnr(0) }
  client:request("arriero/status", params, function(problem, status)
    local text = problem and problem.message or table.concat(lines_of(status), "\n")
    vim.notify(text, problem and vim.log.levels.ERROR or vim.log.levels.INFO)
  end)
end

return M
