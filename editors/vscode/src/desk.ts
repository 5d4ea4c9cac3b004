import { type ConfigurationChangeEvent, ConfigurationTarget, commands, window, workspace } from "vscode";
import type { Server } from "./client/server";
import type { Editor, Memory } from "./editor";
import type { Command } from "./setup/environments";
import { type Chosen, SETTING, SHOW, type Setup } from "./setup/setup";
import { chooseEndpoint } from "./status/endpoints";
import type { StatusItem } from "./status/item";
import { menu } from "./status/menu";
import { shown } from "./status/status";

/** What people do with the extension itself: the commands in the palette and in the menu. */
export class Desk {
  constructor(
    private readonly editor: Editor,
    private readonly memory: Memory,
    private readonly setup: Setup,
    private readonly server: Server,
    private readonly item: StatusItem,
  ) {}

  /** Starts the server, or starts it again; offers to set one up where there is none. */
  async start(): Promise<void> {
    const outcome = await this.server.restart(() => this.setup.server(chosen()));
    if (outcome === "none") void this.offer(); // It may be long until people answer.
    if (typeof outcome === "object") void this.explain(outcome.broken);
  }

  async setUp(): Promise<void> {
    await this.during(this.setup.again(chosen()));
  }

  async settingsChanged(event: ConfigurationChangeEvent): Promise<void> {
    if (event.affectsConfiguration("arriero.server")) await this.start();
    else if (event.affectsConfiguration("arriero")) await this.server.settingsChanged();
  }

  async menu(): Promise<void> {
    const document = window.activeTextEditor?.document;
    const told = await this.server.status(document?.uri.toString() ?? "");
    const { life } = this.item;
    const rows = menu(life, told, document?.languageId ?? "");
    const [title = "", ...more] = shown(life, told).tooltip.split("\n");
    const entry = await this.editor.choose(title, rows, more[0]);
    if (entry?.command) await commands.executeCommand(entry.command, ...(entry.args ?? []));
  }

  async switchEndpoint(): Promise<void> {
    const settings = workspace.getConfiguration("arriero");
    const current = settings.get("url", "");
    const url = await chooseEndpoint(this.editor, this.memory, current);
    if (url === undefined || url === current) return;
    await settings.update("url", url || undefined, ConfigurationTarget.Global);
  }

  private async offer(): Promise<void> {
    await this.during(this.setup.offer(chosen()));
  }

  /** Starts the server that was made, if it was. */
  private async during(making: Promise<boolean>): Promise<void> {
    if (await making) await this.start();
  }

  private async explain([program = ""]: Command): Promise<void> {
    const answer = await this.editor.warn(
      `arriero's server does not start: \`${program}\` is missing or fails. Say in the setting ` +
        "arriero.server.path where yours is, or leave it empty for the one that this extension sets up.",
      SETTING,
      SHOW,
    );
    if (answer === SETTING) {
      await commands.executeCommand("workbench.action.openSettings", "arriero.server.path");
    } else if (answer === SHOW) {
      await commands.executeCommand("arriero.showOutput");
    }
  }
}

function chosen(): Chosen {
  const settings = workspace.getConfiguration("arriero.server");
  return { path: settings.get("path", ""), python: settings.get("python", "") };
}
