;;; arriero-lsp-mode.el --- Code suggestions and actions by lsp-mode  -*- lexical-binding: t -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (lsp-mode "8.0.0"))

;;; Commentary:

;; (load "/path/to/arriero/editors/emacs/arriero-lsp-mode.el"), then M-x lsp in a file.
;; It runs beside the server of the language.

;;; Code:

(require 'cl-lib)
(require 'lsp-mode)

(defgroup arriero-lsp nil
  "Code suggestions and actions from a model on your own GPUs."
  :group 'lsp-mode)

(defcustom arriero-lsp-command '("arriero" "serve")
  "What starts the server."
  :type '(repeat string))

(defun arriero-lsp--act (action)
  "Carry ACTION out in the background: a model takes longer than lsp-mode waits."
  (lsp-request-async
   "workspace/executeCommand"
   (list :command (lsp-get action :command) :arguments (lsp-get action :arguments?))
   #'ignore
   :error-handler (lambda (problem) (message "arriero: %s" (lsp-get problem :message)))
   :mode 'detached))

(defun arriero-lsp-complete-here ()
  "Ask the model for code at the cursor, and put it in."
  (interactive)
  (let ((action (cl-find "Complete here" (append (lsp-code-actions-at-point) nil)
                         :key (lambda (each) (lsp-get each :title)) :test #'equal)))
    (unless action (user-error "Arriero does not run here; M-x lsp starts it"))
    (lsp-execute-code-action action)))

(defun arriero-lsp-cancel ()
  "Stop the actions that run."
  (interactive)
  (lsp-request-async "workspace/executeCommand" (list :command "arriero.cancel" :arguments [])
                     #'ignore :mode 'detached))

(lsp-register-client
 (make-lsp-client
  :new-connection (lsp-stdio-connection (lambda () arriero-lsp-command))
  :activation-fn (lambda (&rest _) (derived-mode-p 'prog-mode))
  :action-handlers (let ((handlers (make-hash-table :test #'equal)))
                     (puthash "arriero.act" #'arriero-lsp--act handlers)
                     handlers)
  :add-on? t
  :priority -2
  :server-id 'arriero))

(define-key lsp-mode-map (kbd "C-c .") #'arriero-lsp-complete-here)
(define-key lsp-mode-map (kbd "C-c ;") #'lsp-execute-code-action)
(define-key lsp-mode-map (kbd "C-c :") #'arriero-lsp-cancel)

(provide 'arriero-lsp-mode)
;;; arriero-lsp-mode.el ends here
