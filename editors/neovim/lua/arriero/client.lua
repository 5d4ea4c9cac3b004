-- What the plug-in adds to the plain table in lsp/arriero.lua, and the life of the server.
local documents = require("arriero.documents")
local ghost = require("arriero.ghost")
local status = require("arriero.status")

local M = {}

-- A server that keeps ending is left alone.
local RESTARTS, WITHIN_MS = 3, 180000
local started_again = {}

local restarting = false

local function start()
  restarting = false
  vim.lsp.enable("arriero")
end

-- Stop the server, if it runs, and start it for all open files.
function M.restart()
  restarting = true
  local running = #vim.lsp.get_clients({ name = "arriero" }) > 0
  vim.lsp.enable("arriero", false)
  if not running then
    start()
  end
end

local function again_and_again()
  local now = vim.uv.now()
  started_again = vim.tbl_filter(function(time)
    return now - time < WITHIN_MS
  end, started_again)
  table.insert(started_again, now)
  return #started_again > RESTARTS
end

local function crashed()
  if again_and_again() then
    vim.notify(
      "arriero ended again and again, so it stays down. :Arriero log may say why, and :Arriero restart starts it.",
      vim.log.levels.ERROR
    )
  else
    vim.notify("arriero ended unexpectedly and was started again.", vim.log.levels.WARN)
    M.restart()
  end
end

local function ended(code, signal, client_id)
  status.forget(client_id)
  if restarting then
    start()
  elseif (code ~= 0 or signal ~= 0) and vim.v.exiting == vim.NIL then
    crashed()
  end
end

---@type vim.lsp.Config
M.CONFIG = {
  capabilities = {
    textDocument = { inlineCompletion = { dynamicRegistration = false } },
    workspace = { textDocumentContent = { dynamicRegistration = false } },
    experimental = { arriero = { status = true } },
  },
  handlers = {
    ["arriero/status"] = status.hear,
    ["window/showDocument"] = documents.show,
    ["workspace/textDocumentContent/refresh"] = documents.refresh,
  },
  -- Neovim clears up by itself right after this; it has to be done with that first.
  on_exit = vim.schedule_wrap(vim.schedule_wrap(ended)),
}

-- LspAttach: suggestions in this buffer.
function M.attached(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if client and client.name == "arriero" then
    ghost.attach(client, event.buf)
    require("arriero.keys").map(event.buf)
  end
end

function M.detached(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if client and client.name == "arriero" then
    ghost.detach(event.buf)
  end
end

-- LspProgress
function M.progressed(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if client and client.name == "arriero" then
    status.progress(client.id, event.data.params.token, event.data.params.value)
  end
end

return M
