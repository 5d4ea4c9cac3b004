import { createInterface } from "node:readline";
import { CancellationError, type LogOutputChannel, Uri, workspace } from "vscode";
import {
  CloseAction,
  ErrorAction,
  type ErrorHandler,
  type ExecuteCommandSignature,
  type LanguageClientOptions,
  RevealOutputChannelOn,
} from "vscode-languageclient/node";
import { Crashes } from "./crashes";
import { type Provided, shownAsPage } from "./pages";
import { told } from "./instructions";
import { chosen } from "./settings";

/**
 * Returns how the client library talks to the server.
 *
 * @param names of the server's settings
 * @param provided the server's own documents
 */
export function clientOptions(
  output: LogOutputChannel,
  names: readonly string[],
  provided: Provided,
): LanguageClientOptions {
  return {
    documentSelector: [
      { scheme: "file" },
      { scheme: "untitled" },
      { scheme: "vscode-notebook-cell" },
    ],
    // Before the server can ask for its settings, it knows whose files these are.
    initializationOptions: () => ({ trusted: workspace.isTrusted }),
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    stdioOptions: {
      stdout: () => undefined,
      stderr: (input) => {
        // The server's own log, which it writes with its own levels.
        createInterface({ input, crlfDelay: Infinity }).on("line", (line) => {
          output.info(line);
        });
      },
    },
    errorHandler: restarts(),
    middleware: {
      executeCommand: carriedOut,
      window: {
        showDocument: async (params, token, next) =>
          (await shownAsPage(params, output, provided)) ? { success: true } : next(params, token),
      },
      workspace: {
        configuration: ({ items }) =>
          items.map(({ section, scopeUri }) => {
            if (section !== "arriero") return null;
            const resource = scopeUri === undefined ? undefined : Uri.parse(scopeUri);
            const settings = chosen(workspace.getConfiguration("arriero", resource), names);
            return { ...settings, trusted: workspace.isTrusted };
          }),
      },
    },
  };
}

const TOO_OFTEN =
  "arriero's server stopped several times within three minutes and is not started again. " +
  "The output says why; “arriero: Restart the server” tries once more.";

/** Starts a server that crashed anew, without a word: the status bar shows it. Not for ever. */
function restarts(): ErrorHandler {
  const crashes = new Crashes();
  return {
    closed: () =>
      crashes.restart()
        ? { action: CloseAction.Restart, handled: true }
        : { action: CloseAction.DoNotRestart, message: TOO_OFTEN },
    // What cannot be written is told by the end of the connection, which follows.
    error: () => ({ action: ErrorAction.Continue, handled: true }),
  };
}

async function carriedOut(
  command: string,
  args: unknown[],
  next: ExecuteCommandSignature,
): Promise<unknown> {
  const complete = await told(command, args);
  if (complete === undefined) return undefined;
  try {
    return await next(command, complete);
  } catch (error) {
    // VS Code would show a red message that says "Canceled" to those who just cancelled.
    if (error instanceof CancellationError) return undefined;
    throw error;
  }
}
