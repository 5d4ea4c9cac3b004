import type { LogOutputChannel } from "vscode";
import {
  DidChangeConfigurationNotification,
  LanguageClient,
  ShowMessageNotification,
  State,
  TextDocumentContentRequest,
} from "vscode-languageclient/node";
import type { Command } from "../setup/environments";
import { answer } from "../setup/run";
import type { Life, Told } from "../status/status";
import { abilities } from "./abilities";
import { show } from "./messages";
import { clientOptions } from "./options";

const STATUS = "arriero/status";

/** Where the server shows how it is. */
export interface Watcher {
  life: Life;
  status: Told;
}

/** How a start went: `none` without a command, or the command that is missing or fails. */
export type Outcome = "started" | "none" | { broken: Command };

/** `arriero serve`: started, restarted and stopped, one after the other however fast it is asked. */
export class Server {
  private client: LanguageClient | undefined;
  private watching: { dispose(): void } | undefined;
  private told: Told | undefined;
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param folder the working directory, which is ours and not the workspace's
   * @param settings the names of the server's settings
   */
  constructor(
    private readonly folder: string,
    private readonly settings: readonly string[],
    private readonly output: LogOutputChannel,
    private readonly watcher: Watcher,
  ) {}

  /** Ends the server, and starts it again with the command that is found then, if one is. */
  restart(find: () => Promise<Command | undefined>): Promise<Outcome> {
    return this.next(async () => {
      await this.end();
      this.watcher.life = "starting";
      return this.start(await find());
    });
  }

  stop(): Promise<void> {
    return this.next(() => this.end());
  }

  /** Asks the server how it is; undefined while it does not run. */
  async status(uri: string): Promise<Told | undefined> {
    if (!this.client?.isRunning()) return undefined;
    return this.client.sendRequest<Told>(STATUS, { uri });
  }

  /** Tells the server that it should ask for its settings again. */
  async settingsChanged(): Promise<void> {
    if (!this.client?.isRunning()) return;
    await this.client.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  private next<T>(step: () => Promise<T>): Promise<T> {
    const result = this.last.then(step);
    this.last = result.then(
      () => undefined,
      (error: unknown) => {
        this.output.error(String(error));
      },
    );
    return result;
  }

  private async start(command: Command | undefined): Promise<Outcome> {
    if (!command) {
      this.watcher.life = "missing";
      return "none";
    }
    const version = await answer([...command, "--version"], this.folder);
    if (version === undefined) {
      this.watcher.life = "stopped";
      return { broken: command };
    }
    this.output.info(`${command.join(" ")}: ${version}`);
    this.client = this.clientOf(command);
    await this.client.start();
    return "started";
  }

  private clientOf([program = "", ...args]: Command): LanguageClient {
    const client: LanguageClient = new LanguageClient(
      "arriero",
      "arriero",
      { command: program, args: [...args, "serve"], options: { cwd: this.folder } },
      clientOptions(this.output, this.settings, (scheme) => {
        const documents = client.getFeature(TextDocumentContentRequest.method);
        return documents?.getProviders()?.find((each) => each.scheme === scheme)?.provider;
      }),
    );
    client.registerFeature(abilities);
    client.onNotification(STATUS, (told: Told) => {
      this.told = this.watcher.status = told;
    });
    // In the place of the client library's own way, which has no buttons.
    client.onNotification(ShowMessageNotification.type, (said) => void show(said, this.told));
    this.watching = client.onDidChangeState(({ newState }) => {
      this.watcher.life = lives[newState];
    });
    return client;
  }

  private async end(): Promise<void> {
    const { client, watching } = this;
    this.client = this.watching = undefined;
    watching?.dispose();
    // A server that crashed cannot be asked to stop, and need not be.
    await client?.dispose().catch((error: unknown) => {
      this.output.warn(String(error));
    });
  }
}

const lives: Record<State, Life> = {
  [State.Stopped]: "stopped",
  [State.Starting]: "starting",
  [State.StartFailed]: "stopped",
  [State.Running]: "running",
};
