import { type ExtensionContext, commands, window, workspace } from "vscode";
import { Server } from "./client/server";
import { Desk } from "./desk";
import { Environments, wheelIn } from "./setup/environments";
import { findPython } from "./setup/python";
import { Setup } from "./setup/setup";
import { StatusItem } from "./status/item";
import { VSCodeEditor } from "./vscode_editor";

// VS Code waits for what deactivate() returns, but not for what it disposes of; so the server is
// kept here to say good-bye to.
let server: Server | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const output = window.createOutputChannel("arriero", { log: true });
  const editor = new VSCodeEditor(output);
  const item = new StatusItem();
  // Whatever is run is run from here, which no workspace can write to.
  const folder = context.extensionPath;
  const setup = new Setup(
    editor,
    context.globalState,
    new Environments(
      context.globalStorageUri.fsPath,
      await wheelIn(context.asAbsolutePath("server")),
    ),
    {
      setting: (name) => void commands.executeCommand("workbench.action.openSettings", name),
      output: () => output.show(),
    },
    (chosen) => findPython(chosen, folder),
  );
  const started = new Server(folder, serverSettings(context), output, item);
  const desk = new Desk(editor, context.globalState, setup, started, item);
  server = started;

  const on = (name: string, run: () => unknown) => commands.registerCommand(name, run);
  context.subscriptions.push(
    output,
    item,
    on("arriero.menu", () => desk.menu()),
    on("arriero.restart", () => desk.start()),
    on("arriero.setUp", () => desk.setUp()),
    on("arriero.showOutput", () => output.show()),
    on("arriero.switchEndpoint", () => desk.switchEndpoint()),
    workspace.onDidChangeConfiguration((event) => desk.settingsChanged(event)),
    workspace.onDidGrantWorkspaceTrust(() => started.settingsChanged()),
  );
  await desk.start();
}

export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}

/** The settings that the manifest declares for the server, without `arriero.`. */
function serverSettings(context: ExtensionContext): string[] {
  const manifest = context.extension.packageJSON as Manifest;
  return manifest.contributes.configuration
    .flatMap(({ properties }) => Object.keys(properties))
    .filter((name) => !name.startsWith("arriero.server."))
    .map((name) => name.slice("arriero.".length));
}

interface Manifest {
  contributes: { configuration: { properties: Record<string, unknown> }[] };
}
