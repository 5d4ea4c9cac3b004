-- :Arriero, with the name of something to do.
local actions = require("arriero.actions")
local status = require("arriero.status")

local M = {}

local function execute(client, command, arguments)
  client:request(
    "workspace/executeCommand",
    { command = command, arguments = arguments },
    function(problem)
      if problem then
        vim.notify(problem.message, vim.log.levels.ERROR)
      end
    end
  )
end

-- What needs the server, each called with the client and the rest of the command line.
local WITH_SERVER = {
  cancel = function(client)
    if status.cancel(client) == 0 then
      vim.notify("arriero has nothing to cancel.")
    end
  end,
  doctor = function(client)
    execute(client, "arriero.doctor")
  end,
  privacy = function(client)
    local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
    execute(
      client,
      "arriero.privacy",
      { { uri = params.textDocument.uri, position = params.position } }
    )
  end,
  pause = function(client, languages)
    execute(client, "arriero.pause", languages)
  end,
  resume = function(client, languages)
    execute(client, "arriero.resume", languages)
  end,
  status = status.tell,
}

local WITHOUT = {
  log = function()
    vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
  end,
  restart = function()
    require("arriero.client").restart()
  end,
}

local function lines(command)
  if command.range > 0 then
    return command.line1, command.line2
  end
end

function M.run(command)
  local name, rest = command.fargs[1], vim.list_slice(command.fargs, 2)
  if WITHOUT[name] then
    return WITHOUT[name]()
  end
  local client = status.client()
  if not client then
    return vim.notify(
      "arriero does not run here. :checkhealth arriero says why.",
      vim.log.levels.WARN
    )
  end
  if WITH_SERVER[name] then
    return WITH_SERVER[name](client, rest)
  end
  local first, last = lines(command)
  local instruction = #rest > 0 and table.concat(rest, " ") or nil
  actions.act(client, name, first, last, instruction)
end

-- The names that can stand next on the command line.
function M.complete(lead, line)
  if #vim.split(line:sub(1, #line - #lead), "%s+", { trimempty = true }) > 1 then
    return {}
  end
  local client = status.client()
  local names = vim.list_extend(vim.tbl_keys(WITH_SERVER), vim.tbl_keys(WITHOUT))
  vim.list_extend(names, client and actions.ids(client) or {})
  return vim
    .iter(vim.fn.sort(names))
    :filter(function(name)
      return vim.startswith(name, lead)
    end)
    :totable()
end

return M
