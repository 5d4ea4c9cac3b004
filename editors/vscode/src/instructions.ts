import { window } from "vscode";
import type { StaticFeature } from "vscode-languageclient";

/** Says that people can be asked what to do: the protocol itself has no way to. */
export const instructions: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.experimental = { ...capabilities.experimental, arriero: { instructions: true } };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

/**
 * Returns the arguments of a command, with the instruction that the action "Edit as told" needs;
 * undefined if it was not given.
 */
export async function told(command: string, args: unknown[]): Promise<unknown[] | undefined> {
  const [ticket] = args as [{ action?: string; instruction?: string } | undefined];
  if (command !== "arriero.act" || ticket?.action !== "edit" || ticket.instruction) return args;
  const instruction = await window.showInputBox({ prompt: "What to do with this code" });
  return instruction?.trim() ? [{ ...ticket, instruction }] : undefined;
}
