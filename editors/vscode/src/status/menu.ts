import type { Row } from "../editor";
import { type Life, type Told, isPaused, tally } from "./status";

/** A row of the status bar's menu, and the command that it runs. */
export interface Entry extends Row {
  readonly command?: string;
  readonly args?: readonly string[];
}

const WITHOUT_SERVER: readonly Entry[] = [
  { label: "$(desktop-download) Set up the server", command: "arriero.setUp" },
  {
    label: "$(file-binary) Use my own server",
    command: "workbench.action.openSettings",
    args: ["arriero.server.path"],
  },
];

const WITH_SERVER: readonly Entry[] = [
  { label: "$(server) Switch the model server", command: "arriero.switchEndpoint" },
  { label: "$(pulse) Check the model server", command: "arriero.doctor" },
  { label: "$(eye) Show what would be sent", command: "arriero.privacy" },
];

const ALWAYS: readonly Entry[] = [
  { label: "$(output) Show the output", command: "arriero.showOutput" },
  {
    label: "$(gear) Settings",
    command: "workbench.action.openSettings",
    args: ["@ext:arriero.arriero"],
  },
  {
    label: "$(book) First steps",
    command: "workbench.action.openWalkthrough",
    args: ["arriero.arriero#start"],
  },
  { label: "$(debug-restart) Restart the server", command: "arriero.restart" },
];

/**
 * Returns the menu as things are.
 *
 * @param language of the document that is looked at, or "" if there is none
 */
export function menu(life: Life, told: Told | undefined, language: string): Entry[] {
  if (life === "missing") return [...WITHOUT_SERVER, ...ALWAYS];
  if (life !== "running") return [...ALWAYS];
  return [...keptBack(told), ...pausing(told, language), ...WITH_SERVER, ...ALWAYS];
}

function keptBack(told: Told | undefined): Entry[] {
  if (!told?.kept_back) return [];
  return [{ label: "$(eye-closed) This file is sent to no model", detail: told.kept_back }];
}

function pausing(told: Told | undefined, language: string): Entry[] {
  const counted = tally(told);
  const description = counted ? { description: counted } : {};
  if (isPaused(told, language)) {
    return [{ label: "$(play) Resume suggestions", command: "arriero.resume", ...description }];
  }
  const everywhere = { label: "$(debug-pause) Pause suggestions", command: "arriero.pause" };
  const here = {
    label: `$(debug-pause) Pause suggestions in ${language}`,
    command: "arriero.pause",
    args: [language],
  };
  return [{ ...everywhere, ...description }, ...(language ? [here] : [])];
}
