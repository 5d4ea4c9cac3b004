import { commands, window } from "vscode";
import { MessageType, type ShowMessageParams } from "vscode-languageclient";
import type { Told } from "../status/status";

// A message with a button is shown whole, and one without is cut to a line.
const BUTTONS: Record<string, string> = {
  "Switch the model server": "arriero.switchEndpoint",
  "Check it": "arriero.doctor",
  "Fetch the demo model": "arriero.fetch",
  "Show the output": "arriero.showOutput",
};
const [SWITCH = "", CHECK = "", FETCH = "", OUTPUT = ""] = Object.keys(BUTTONS);

/** Shows what the server has to say, with what may mend it. */
export async function show(
  { type, message }: ShowMessageParams,
  status: Told | undefined,
): Promise<void> {
  const answer = await shownAs(type, message, buttons(type, message, status?.state));
  const command = BUTTONS[answer ?? ""];
  if (command) await commands.executeCommand(command);
}

function buttons(
  type: MessageType,
  message: string,
  state: Told["state"] | undefined,
): string[] {
  if (message.includes("arriero.fetch")) return [FETCH, SWITCH];
  if (state === "no backend" || state === "unreachable") return [SWITCH, CHECK];
  return type === MessageType.Info ? [SWITCH] : [OUTPUT]; // what it informs of is the demo model
}

function shownAs(
  type: MessageType,
  message: string,
  answers: string[],
): Thenable<string | undefined> {
  if (type === MessageType.Error) return window.showErrorMessage(message, ...answers);
  if (type === MessageType.Warning) return window.showWarningMessage(message, ...answers);
  return window.showInformationMessage(message, ...answers);
}
