import { type ExtensionContext, commands, window, workspace } from "vscode";
import { Server } from "./server";

// VS Code waits for what deactivate() returns, but not for what it disposes of; so the server is
// kept here to say good-bye to.
let server: Server | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const output = window.createOutputChannel("arriero", { log: true });
  const started = new Server(context, output);
  server = started;
  context.subscriptions.push(
    output,
    commands.registerCommand("arriero.restart", () => started.restart()),
    commands.registerCommand("arriero.showOutput", () => output.show()),
    workspace.onDidChangeConfiguration((event) => started.settingsChanged(event)),
  );
  await started.restart();
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
