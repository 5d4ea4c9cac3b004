-- How Neovim starts arriero: vim.lsp.enable("arriero") reads this table from the runtime path.
--
-- There is no list of filetypes, so it serves every file; `completion.languages` in arriero's own
-- settings says where it suggests code. One server serves all files under one root.
---@type vim.lsp.Config
return {
  cmd = { "arriero", "serve" },
  root_markers = { "arriero.toml", ".git", "pyproject.toml" },
}
