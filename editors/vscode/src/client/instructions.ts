import { window } from "vscode";

/**
 * Returns the arguments of a command, with the instruction that the action "Edit as told" needs;
 * undefined if it was not given.
 */
export async function told(command: string, args: unknown[]): Promise<unknown[] | undefined> {
  const [ticket] = args as [{ action?: string; instruction?: string } | undefined];
  if (command !== "arriero.act" || ticket?.action !== "edit" || ticket.instruction) return args;
  const instruction = await window.showInputBox({
    title: "Edit as told",
    prompt: "What to do with this code",
    placeHolder: "Return early where the list is empty.",
    ignoreFocusOut: true,
  });
  return instruction?.trim() ? [{ ...ticket, instruction }] : undefined;
}
