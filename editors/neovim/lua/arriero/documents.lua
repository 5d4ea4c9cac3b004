-- Documents that the server holds, such as explanations; they fill while the model speaks.
--
-- workspace/textDocumentContent (LSP 3.18), which Neovim has not got yet: a buffer `arriero:/name`
-- is read from the server, and read again when the server says so.
local M = {}

local METHOD = "workspace/textDocumentContent"

local function write(buffer, text)
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, true, vim.split(text:gsub("\n$", ""), "\n"))
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
end

local function fetch(client, buffer, uri)
  client:request(METHOD, { uri = uri }, function(problem, answer)
    if vim.api.nvim_buf_is_loaded(buffer) then
      write(buffer, problem and problem.message or answer.text)
    end
  end)
end

-- BufReadCmd for arriero:/*
function M.read(event)
  local buffer, client = event.buf, vim.lsp.get_clients({ name = "arriero" })[1]
  vim.bo[buffer].buftype = "nofile"
  vim.bo[buffer].swapfile = false
  vim.bo[buffer].filetype = "markdown"
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buffer, desc = "Close" })
  if client then
    fetch(client, buffer, event.match)
  end
end

-- workspace/textDocumentContent/refresh
function M.refresh(_, params, context)
  local buffer = vim.fn.bufnr(params.uri)
  if buffer ~= -1 then
    fetch(assert(vim.lsp.get_client_by_id(context.client_id)), buffer, params.uri)
  end
  return vim.NIL
end

-- window/showDocument: prose of ours has long lines, so its window breaks them at words
-- as long as it is shown there.
function M.show(problem, params, context)
  local answer = vim.lsp.handlers["window/showDocument"](problem, params, context)
  local window = vim.fn.bufwinid(vim.uri_to_bufnr(params.uri))
  if window ~= -1 and vim.startswith(params.uri, "arriero:") then
    vim.wo[window][0].wrap = true
    vim.wo[window][0].linebreak = true
  end
  return answer
end

return M
