-- A user at Neovim: takes the steps of a job one after the other, and writes down what was seen.
--
--     nvim --clean --headless -l table.lua JOB.json
--
-- The job names the folder of arriero's table (`runtime`), the server's command (`command`), the
-- file to open, the `steps`, and the file for the `record`. Everything waits for events; the one time limit is for a server that never answers.
local PATIENCE_MS = 30000

local job = vim.json.decode(table.concat(vim.fn.readfile(arg[1]), "\n"))
local record = { steps = {}, progress = {}, messages = {} }

local function wait_for(what, condition)
  assert(vim.wait(PATIENCE_MS, condition, 5), "waited in vain for " .. what)
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), "\n") .. "\n"
end

local function saw(kind)
  return vim.iter(record.progress):any(function(progress)
    return progress.kind == kind
  end)
end

local function ask(client, automatic)
  local asked = vim.lsp.util.make_position_params(0, client.offset_encoding)
  asked.context = { triggerKind = automatic and 2 or 1 }
  local reply
  local _, id = client:request("textDocument/inlineCompletion", asked, function(err, answer)
    reply = { error = err, answer = answer }
  end, 0)
  return id,
    function()
      wait_for("an inline completion", function()
        return reply
      end)
      return reply
    end
end

-- One function for each step; `request` is what the next `cancel_request` cancels.
local steps = {}
local request

-- What an editor with inline completion does: ask, by hand or automatically, and put the first item
-- in.
function steps.suggestion(client, automatic)
  local _, wait = ask(client, automatic)
  local reply = wait()
  assert(not reply.error, vim.inspect(reply.error))
  local item = (reply.answer.items or reply.answer)[1]
  if item then
    local edit = { range = item.range, newText = item.insertText }
    vim.lsp.util.apply_text_edits({ edit }, vim.api.nvim_get_current_buf(), client.offset_encoding)
  end
  return text()
end

-- Choose a code action by its title, as from the menu of `gra`.
function steps.action(_, title, first, last)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.title == title
    end,
    range = { start = { first, 0 }, ["end"] = { last, 0 } },
  })
  return vim.NIL
end

-- Type this when Neovim asks for it; nil is the escape key.
function steps.answer_with(_, typed)
  vim.ui.input = function(question, go_on)
    record.question = question.prompt
    go_on(typed ~= vim.NIL and typed or nil)
  end
  return vim.NIL
end

function steps.wait_for_question()
  wait_for("a question", function()
    return record.question
  end)
  return record.question
end

function steps.wait_for_change()
  local before = job.text
  wait_for("an edit", function()
    return text() ~= before
  end)
  return text()
end

function steps.wait_for_progress(_, kind)
  wait_for("progress: " .. kind, function()
    return saw(kind)
  end)
  return text()
end

function steps.wait_for_message()
  wait_for("a message", function()
    return record.messages[1]
  end)
  return record.messages[1]
end

-- A document that the server let Neovim show beside the file.
function steps.wait_for_document(_, name)
  local shown
  wait_for("a document: " .. name, function()
    shown = vim.iter(vim.api.nvim_list_wins()):map(vim.api.nvim_win_get_buf):find(function(buffer)
      return vim.api.nvim_buf_get_name(buffer):find(name, 1, true)
    end)
    return shown
  end)
  return table.concat(vim.api.nvim_buf_get_lines(shown, 0, -1, true), "\n")
end

function steps.text()
  return text()
end

function steps.undo()
  vim.cmd.undo()
  return text()
end

-- Let the other side look at the backend while this one still runs.
function steps.wait_for_file(_, path)
  wait_for(path, function()
    return vim.uv.fs_stat(path)
  end)
  return vim.NIL
end

function steps.cancel_progress(client)
  client:notify("window/workDoneProgress/cancel", { token = record.token })
  return vim.NIL
end

function steps.start_request(client)
  request = ask(client)
  return vim.NIL
end

-- Neovim drops the answer to a cancelled request, so what can be seen is the next one.
function steps.cancel_request(client)
  client:cancel_request(request)
  return vim.NIL
end

local function watch()
  vim.api.nvim_create_autocmd("LspProgress", {
    callback = function(event)
      record.token = event.data.params.token
      table.insert(record.progress, event.data.params.value)
    end,
  })
  vim.lsp.config("arriero", {
    handlers = {
      ["window/showMessage"] = function(_, message)
        table.insert(record.messages, message.message)
      end,
    },
    on_exit = function(code, signal)
      record.exit = { code = code, signal = signal }
    end,
  })
end

local function attach()
  vim.cmd("filetype plugin on") -- `-l` leaves it off, and nothing would be attached
  vim.opt.runtimepath:append(job.runtime) -- with nothing in it but lsp/arriero.lua
  record.command = vim.lsp.config.arriero.cmd
  vim.lsp.config("arriero", { cmd = job.command })
  vim.lsp.enable("arriero")
  vim.cmd.edit(vim.fn.fnameescape(job.file))
  local client
  wait_for("arriero to attach", function()
    client = vim.lsp.get_clients({ bufnr = 0, name = "arriero" })[1]
    return client and client.initialized
  end)
  return client
end

local function stop(client)
  client:stop()
  wait_for("the server's end", function()
    return record.exit
  end)
end

local function run()
  watch()
  local client = attach()
  record.encoding = client.offset_encoding
  record.root = client.root_dir
  vim.o.virtualedit = "onemore" -- the cursor may stand behind the last character, as in insert mode
  vim.fn.setcursorcharpos(job.line + 1, job.column + 1)
  for _, step in ipairs(job.steps) do
    table.insert(record.steps, steps[step[1]](client, unpack(step, 2)))
  end
  stop(client)
end

local good, problem = xpcall(run, debug.traceback)
record.problem = not good and problem or nil
vim.fn.writefile({ vim.json.encode(record) }, job.record)
os.exit(good and 0 or 1)
