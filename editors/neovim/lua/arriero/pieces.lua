-- What of a suggestion is taken at a time. Text in, text out.
local M = {}

-- The next word with the blanks before it, or the next run of signs; a line's end with its indent.
function M.word(text)
  return text:match("^\n%s*")
    or text:match("^[ \t]*[%w_\128-\255]+")
    or text:match("^[ \t]*[^%w%s_\128-\255]+")
    or text
end

-- The rest of the line; where that is empty, the line's end and the next line.
function M.line(text)
  return text:match("^[^\n]+") or text:match("^\n[^\n]*")
end

function M.all(text)
  return text
end

-- What is left of a text after what was typed of it; nil where something else was typed.
function M.after(text, typed)
  return vim.startswith(text, typed) and text:sub(#typed + 1) or nil
end

return M
