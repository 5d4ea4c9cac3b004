import { type LogOutputChannel, ProgressLocation, window } from "vscode";
import type { Editor, Report, Row } from "./editor";

/** The editor as VS Code has it. */
export class VSCodeEditor implements Editor {
  constructor(private readonly output: LogOutputChannel) {}

  async ask(question: string, ...answers: string[]): Promise<string | undefined> {
    return window.showInformationMessage(question, ...answers);
  }

  async warn(message: string, ...answers: string[]): Promise<string | undefined> {
    this.output.warn(message);
    return window.showWarningMessage(message, ...answers);
  }

  async choose<R extends Row>(
    title: string,
    rows: readonly R[],
    hint = "",
  ): Promise<R | undefined> {
    return window.showQuickPick(rows, { title, placeHolder: hint });
  }

  async enter(
    title: string,
    example: string,
    wrong: (text: string) => string,
  ): Promise<string | undefined> {
    return window.showInputBox({ title, placeHolder: example, validateInput: wrong, ignoreFocusOut: true });
  }

  async progress<T>(
    title: string,
    work: (report: Report, cancelled: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const options = { location: ProgressLocation.Notification, title, cancellable: true };
    return window.withProgress(options, (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      return work((message) => progress.report({ message }), controller.signal);
    });
  }

  log(line: string): void {
    this.output.info(line);
  }
}
