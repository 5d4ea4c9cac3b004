-- :checkhealth arriero
local M = {}

local health = vim.health

local function neovim()
  if vim.fn.has("nvim-0.12") == 1 then
    health.ok("Neovim " .. tostring(vim.version()))
  elseif vim.fn.has("nvim-0.11") == 1 then
    health.ok(("Neovim %s: arriero draws the grey text itself"):format(tostring(vim.version())))
  else
    health.error("Neovim is older than 0.11.", "Install Neovim 0.11 or newer.")
  end
end

-- Say whether the command can be started; returns it if so.
local function command()
  local cmd = vim.lsp.config.arriero.cmd
  if type(cmd) ~= "table" then
    return
  end
  if vim.fn.executable(cmd[1]) == 0 then
    health.error(("`%s` is not there."):format(cmd[1]), {
      "Install it: pip install '/path/to/arriero[local]'",
      'Or say where it is: vim.lsp.config("arriero", { cmd = { "/path/to/arriero", "serve" } })',
    })
    return
  end
  health.ok("The server is " .. vim.fn.exepath(cmd[1]))
  return cmd
end

local function enabled()
  if not vim.lsp.is_enabled("arriero") then
    health.warn("arriero is not switched on.", 'Write vim.lsp.enable("arriero") in init.lua.')
    return
  end
  health.ok("It is switched on")
  local running = vim.lsp.get_clients({ name = "arriero" })
  if #running == 0 then
    health.info("It is not running: open a file.")
  end
  for _, client in ipairs(running) do
    local files = vim.tbl_count(client.attached_buffers)
    health.ok(("It runs for %d open file(s), in %s"):format(files, client.root_dir or "no folder"))
  end
end

local function keys()
  if vim.g.arriero_keys == false then
    health.info("No keys are set (vim.g.arriero_keys is false).")
    return
  end
  for name, key in vim.spairs(require("arriero.keys").in_force()) do
    health.info(("%-12s %s"):format(name, key))
  end
end

-- What the server itself finds on the way to the model.
local function doctor(cmd)
  local argv = vim.list_extend(vim.list_slice(cmd, 1, #cmd - 1), { "doctor" })
  local found = vim.system(argv, { text = true }):wait(60000)
  local report = found.code == 0 and health.ok or health.error
  report(("`%s` says:\n%s"):format(table.concat(argv, " "), vim.trim(found.stdout .. found.stderr)))
end

function M.check()
  health.start("arriero")
  neovim()
  local cmd = command()
  enabled()
  health.start("arriero: keys in insert mode")
  keys()
  if cmd and cmd[#cmd] == "serve" then
    health.start("arriero: the model")
    doctor(cmd)
  end
end

return M
