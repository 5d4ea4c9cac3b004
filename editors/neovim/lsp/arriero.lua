-- How Neovim starts arriero: vim.lsp.enable("arriero") reads this table from the runtime path.
--
-- There is no list of filetypes, so it serves every file; `completion.languages` in arriero's own
-- settings says where it suggests code. One server serves all files under one root.

-- "Edit" does what it is told, and the protocol has no way to ask: so it is asked for here, before
-- the server is.
local function act(command, context)
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local ticket = command.arguments[1]
  local function go_on()
    client:request("workspace/executeCommand", {
      command = command.command,
      arguments = { ticket },
    }, nil, context.bufnr)
  end
  if ticket.action ~= "edit" or (ticket.instruction or "") ~= "" then
    return go_on()
  end
  vim.ui.input({ prompt = "What to do with this code: " }, function(instruction)
    if instruction and instruction ~= "" then
      ticket.instruction = instruction
      go_on()
    end
  end)
end

---@type vim.lsp.Config
return {
  cmd = { "arriero", "serve" },
  root_markers = { "arriero.toml", ".git", "pyproject.toml" },
  capabilities = { experimental = { arriero = { instructions = true } } },
  commands = { ["arriero.act"] = act },
}
