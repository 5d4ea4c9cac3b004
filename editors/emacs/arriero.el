;;; arriero.el --- Code suggestions and actions by Eglot  -*- lexical-binding: t -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (eglot "1.9"))

;;; Commentary:

;; (load "/path/to/arriero/editors/emacs/arriero.el"), then M-x eglot in a file.
;;
;; Eglot by itself waits for an action with everything else standing still, and gives up after ten
;; seconds.  Here an action runs in the background, says how far it is, and can be cancelled.

;;; Code:

(require 'cl-lib)
(require 'eglot)
(require 'jsonrpc)

(defgroup arriero nil
  "Code suggestions and actions from a model on your own GPUs."
  :group 'eglot)

(defcustom arriero-command '("arriero" "serve")
  "What starts the server."
  :type '(repeat string))

(defcustom arriero-modes '(prog-mode)
  "Major modes, and those derived from them, that arriero is the server for.
Eglot runs one server for a buffer, so it takes the place of another there."
  :type '(repeat symbol))

(defclass arriero-server (eglot-lsp-server)
  ((doing :initform "arriero" :accessor arriero--doing :documentation "What is under way."))
  :documentation "The language server arriero.")

(defun arriero--contact (&rest _)
  "Return what Eglot starts; read anew each time."
  (cons 'arriero-server arriero-command))

(add-to-list 'eglot-server-programs (cons arriero-modes #'arriero--contact))

(cl-defmethod eglot-client-capabilities ((_server arriero-server))
  "What is added here to what Eglot can."
  (let* ((told (cl-call-next-method))
         (window (copy-sequence (plist-get told :window))))
    (setq window (plist-put window :workDoneProgress t))
    (setq told (plist-put told :window window))
    (plist-put told :experimental '(:arriero (:explanations t :instructions t)))))

;;; Actions

(defun arriero--execute (server command arguments)
  "Let SERVER carry out COMMAND with ARGUMENTS, and go on meanwhile."
  (jsonrpc-async-request
   server :workspace/executeCommand
   (list :command (format "%s" command) :arguments arguments)
   :success-fn #'arriero--done
   :error-fn (jsonrpc-lambda (&key message &allow-other-keys) (message "arriero: %s" message))
   :timeout nil))

(defun arriero--done (result)
  "Show what RESULT says; edits are made already."
  (let ((text (plist-get result :text))
        (note (plist-get result :note)))
    (when text (arriero--show (if note (format "%s\n\n%s" note text) text)))))

(defun arriero--show (text)
  "Show TEXT in a window of its own."
  (with-current-buffer (get-buffer-create "*arriero*")
    (let ((inhibit-read-only t))
      (erase-buffer)
      (insert text)
      (goto-char (point-min)))
    (special-mode)
    (visual-line-mode)
    (display-buffer (current-buffer))))

(defun arriero--told (arguments)
  "Return ARGUMENTS, with an instruction where the action needs one."
  (let ((ticket (copy-sequence (elt arguments 0))))
    (if (and (equal (plist-get ticket :action) "edit")
             (equal (or (plist-get ticket :instruction) "") ""))
        (vector (plist-put ticket :instruction (read-string "What to do with this code: ")))
      arguments)))

(cl-defmethod eglot-execute-command ((server arriero-server) command arguments)
  "Let SERVER carry out COMMAND with ARGUMENTS."
  (arriero--execute server command (if (eq command 'arriero.act) (arriero--told arguments) arguments)))

(when (fboundp 'eglot-execute)
  (cl-defmethod eglot-execute ((server arriero-server) action)
    "Let SERVER carry out ACTION, a Command or a CodeAction with one."
    (let ((command (plist-get action :command)))
      (eglot-execute-command
       server
       (intern (if (stringp command) command (plist-get command :command)))
       (plist-get (if (stringp command) action command) :arguments)))))

(defun arriero--server ()
  "Return the server of this buffer."
  (let ((server (eglot-current-server)))
    (unless (cl-typep server 'arriero-server)
      (user-error "Arriero does not run here; M-x eglot starts it"))
    server))

(defun arriero--place (position)
  "Return POSITION as the protocol has it."
  (if (fboundp 'eglot--pos-to-lsp-position)
      (eglot--pos-to-lsp-position position)
    (user-error "This version of Eglot is not known")))

(defun arriero--offered ()
  "Return the actions for the region, or else for the cursor."
  (let ((begin (if (use-region-p) (region-beginning) (point)))
        (end (if (use-region-p) (region-end) (point))))
    (append
     (jsonrpc-request
      (arriero--server) :textDocument/codeAction
      (list :textDocument (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri))
            :range (list :start (arriero--place begin) :end (arriero--place end))
            :context (list :diagnostics [])))
     nil)))

(defun arriero-act (&optional id)
  "Choose an action for the region or the cursor; from Lisp, the one with this ID."
  (interactive)
  (let* ((offered (arriero--offered))
         (title (or id (completing-read "Action: " (mapcar (lambda (each) (plist-get each :title)) offered)
                                        nil t)))
         (action (cl-find-if
                  (lambda (each)
                    (let ((ticket (elt (plist-get (plist-get each :command) :arguments) 0)))
                      (if id (equal id (plist-get ticket :action))
                        (equal title (plist-get each :title)))))
                  offered))
         (command (plist-get action :command)))
    (unless command (user-error "Arriero has no such action for this place"))
    (eglot-execute-command (arriero--server) (intern (plist-get command :command))
                           (plist-get command :arguments))))

(defun arriero-complete-here ()
  "Ask the model for code at the cursor, and put it in."
  (interactive)
  (arriero-act "complete"))

(defun arriero-pause ()
  "Suggest nothing unasked until `arriero-resume'."
  (interactive)
  (arriero--execute (arriero--server) "arriero.pause" []))

(defun arriero-resume ()
  "Suggest code again."
  (interactive)
  (arriero--execute (arriero--server) "arriero.resume" []))

(defun arriero-doctor ()
  "Go the way to the model step by step, and show what is found."
  (interactive)
  (arriero--execute (arriero--server) "arriero.doctor" []))

(defun arriero-privacy ()
  "Show what would be sent for a suggestion at the cursor, and what not."
  (interactive)
  (arriero--execute
   (arriero--server) "arriero.privacy"
   (vector (list :uri (plist-get (eglot--TextDocumentIdentifier) :uri)
                 :position (arriero--place (point))))))

;;; Progress

(cl-defmethod eglot-handle-request ((_server arriero-server) (_method (eql window/workDoneProgress/create))
                                    &key _token)
  "There is room for it."
  nil)

(cl-defmethod eglot-handle-notification ((server arriero-server) (_method (eql $/progress))
                                         &key _token value)
  "Say in the echo area how far SERVER is, by VALUE."
  (cl-destructuring-bind (&key kind title message &allow-other-keys) value
    (when title (setf (arriero--doing server) title))
    (let ((message-log-max nil))
      (if (equal kind "end")
          (message nil)
        (message "%s%s%s" (arriero--doing server)
                 (if message (concat ": " message) "")
                 (substitute-command-keys "  (\\<eglot-mode-map>\\[arriero-cancel] cancels)"))))))

(defun arriero-cancel ()
  "Stop the actions that run."
  (interactive)
  (arriero--execute (arriero--server) "arriero.cancel" []))

;;; Keys

(define-key eglot-mode-map (kbd "C-c .") #'arriero-complete-here)
(define-key eglot-mode-map (kbd "C-c ;") #'arriero-act)
(define-key eglot-mode-map (kbd "C-c :") #'arriero-cancel)

(provide 'arriero)
;;; arriero.el ends here
