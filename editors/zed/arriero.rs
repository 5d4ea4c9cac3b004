//! Tells Zed how arriero is started: by what `lsp.arriero.binary` says, or from the PATH.

use zed_extension_api::{self as zed, settings::LspSettings, LanguageServerId, Result, Worktree};

struct Arriero;

impl zed::Extension for Arriero {
    fn new() -> Self {
        Arriero
    }

    fn language_server_command(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<zed::Command> {
        let told = LspSettings::for_worktree(server.as_ref(), worktree)?.binary;
        let (path, arguments) = told.map_or((None, None), |told| (told.path, told.arguments));
        let command = path.or_else(|| worktree.which("arriero")).ok_or(
            "arriero is not on the PATH. Install it, or write its whole path into \
             lsp.arriero.binary.path of Zed's settings.",
        )?;
        Ok(zed::Command {
            command,
            args: arguments.unwrap_or_else(|| vec!["serve".into()]),
            env: worktree.shell_env(),
        })
    }
}

zed::register_extension!(Arriero);
