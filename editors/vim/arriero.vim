" arriero in Vim 9, by the plug-in yegappan/lsp:
"
"     packadd lsp
"     source /path/to/arriero/editors/vim/arriero.vim

" What starts the server, and the file types that it is for.
let g:arriero_command = get(g:, 'arriero_command', ['arriero', 'serve'])
let g:arriero_filetypes = get(g:, 'arriero_filetypes', ['c', 'cpp', 'go', 'java', 'javascript',
      \ 'python', 'ruby', 'rust', 'sh', 'typescript'])

function! s:Add() abort
  call LspAddServer([#{
        \ name: 'arriero',
        \ filetype: g:arriero_filetypes,
        \ path: g:arriero_command[0],
        \ args: g:arriero_command[1:],
        \ rootSearch: ['arriero.toml', '.git/', 'pyproject.toml'],
        \ }])
endfunction

augroup arriero
  autocmd!
  autocmd User LspSetup call s:Add()
augroup END

" Ask the model by hand for code at the cursor, and choose an action.
inoremap <silent> <C-g><C-g> <Cmd>LspCodeAction Complete here<CR>
nnoremap <silent> <Leader>a <Cmd>LspCodeAction<CR>
xnoremap <silent> <Leader>a :LspCodeAction<CR>
