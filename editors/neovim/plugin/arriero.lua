-- Read by Neovim at its start.
if vim.g.loaded_arriero or vim.fn.has("nvim-0.11") == 0 then
  return
end
vim.g.loaded_arriero = true

vim.api.nvim_set_hl(0, "ArrieroSuggestion", { link = "Comment", default = true })
vim.api.nvim_set_hl(0, "ArrieroHint", { link = "NonText", default = true })

vim.api.nvim_create_user_command("Arriero", function(command)
  require("arriero.commands").run(command)
end, {
  nargs = "+",
  range = true,
  complete = function(...)
    return require("arriero.commands").complete(...)
  end,
  desc = "arriero: an action or a command by its name",
})

local function when(event, module, name, pattern)
  vim.api.nvim_create_autocmd(event, {
    group = vim.api.nvim_create_augroup(("arriero.%s.%s"):format(module, name), { clear = true }),
    pattern = pattern,
    callback = function(heard)
      require("arriero." .. module)[name](heard)
    end,
  })
end

when("LspAttach", "client", "attached")
when("LspDetach", "client", "detached")
when("LspProgress", "client", "progressed")
when("BufReadCmd", "documents", "read", "arriero:/*")

vim.lsp.config("arriero", require("arriero.client").CONFIG)
