import {
  CancellationTokenSource,
  type LogOutputChannel,
  type TextDocumentContentProvider,
  Uri,
  ViewColumn,
  type WebviewPanel,
  commands,
  window,
  workspace,
} from "vscode";
import type { ShowDocumentParams } from "vscode-languageclient";
import { pageOf, titleOf } from "./page";

/** The server's own documents, which grow; undefined for a scheme that is not the server's. */
export type Provided = (scheme: string) => TextDocumentContentProvider | undefined;

/**
 * Shows an explanation, or what the doctor found, as a page beside the code, which grows as the
 * document does. People go on typing where they are.
 *
 * Returns false for what is no Markdown, and where VS Code's own extension for that is off.
 */
export async function shownAsPage(
  { uri, external }: ShowDocumentParams,
  output: LogOutputChannel,
  provided: Provided,
): Promise<boolean> {
  const place = Uri.parse(uri, true);
  if (external || !place.path.endsWith(".md")) return false;
  const provider = provided(place.scheme);
  const read = (): Promise<string> => (provider ? asked(provider, place) : fromDisk(place));
  try {
    const text = await read();
    const panel = await panelOf(text);
    const update = following(place, panel, read, output);
    const growing = provider?.onDidChange?.(update);
    update(place); // with what came while the page was made
    panel.onDidDispose(() => {
      growing?.dispose();
    });
    return true;
  } catch (error) {
    output.info(`Markdown is shown as text: ${String(error)}`);
    return false;
  }
}

async function panelOf(text: string): Promise<WebviewPanel> {
  const html = await rendered(text);
  const column = { viewColumn: ViewColumn.Beside, preserveFocus: true };
  const options = { enableFindWidget: true, localResourceRoots: [] };
  const panel = window.createWebviewPanel("arriero.page", titleOf(text, "arriero"), column, options);
  panel.webview.html = html;
  return panel;
}

/** Returns what to do when a document changed: to show it anew, one version after the other. */
function following(
  place: Uri,
  panel: WebviewPanel,
  read: () => Promise<string>,
  output: LogOutputChannel,
): (changed: Uri) => void {
  let last = Promise.resolve();
  const fill = async (): Promise<void> => {
    try {
      panel.webview.html = await rendered(await read());
    } catch (error) {
      output.info(`A page could not be brought up to date: ${String(error)}`); // it was closed
    }
  };
  return (changed) => {
    if (changed.toString() === place.toString()) last = last.then(fill);
  };
}

async function asked(provider: TextDocumentContentProvider, place: Uri): Promise<string> {
  const source = new CancellationTokenSource();
  try {
    return (await provider.provideTextDocumentContent(place, source.token)) ?? "";
  } finally {
    source.dispose();
  }
}

async function fromDisk(place: Uri): Promise<string> {
  return (await workspace.openTextDocument(place)).getText();
}

async function rendered(markdown: string): Promise<string> {
  return pageOf(await commands.executeCommand("markdown.api.render", markdown));
}
