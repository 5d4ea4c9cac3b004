import { execFile } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import {
  CancellationError,
  type ConfigurationChangeEvent,
  type ExtensionContext,
  type LogOutputChannel,
  Uri,
  commands,
  window,
  workspace,
} from "vscode";
import {
  DidChangeConfigurationNotification,
  LanguageClient,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { instructions, told } from "./instructions";
import { chosen } from "./settings";

const run = promisify(execFile);

/** `arriero serve`: started, restarted and stopped, one after the other however fast it is asked. */
export class Server {
  private client: LanguageClient | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: ExtensionContext,
    private readonly output: LogOutputChannel,
  ) {}

  restart(): Promise<void> {
    return this.next(async () => {
      await this.end();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    return this.next(() => this.end());
  }

  /** Tells the server that it should ask for its settings again. */
  async settingsChanged(event: ConfigurationChangeEvent): Promise<void> {
    if (event.affectsConfiguration("arriero.server")) {
      await this.restart();
    } else if (event.affectsConfiguration("arriero") && this.client?.isRunning()) {
      await this.client.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
    }
  }

  private next(step: () => Promise<void>): Promise<void> {
    this.last = this.last.then(step).catch((error: unknown) => this.output.error(String(error)));
    return this.last;
  }

  private async begin(): Promise<void> {
    const command = workspace.getConfiguration("arriero").get<string>("server.path", "arriero");
    // The working directory is ours, not the workspace's: Windows looks for a command there first,
    // and would run the arriero.exe of a repository that comes from anyone.
    const options = { cwd: this.context.extensionPath };
    try {
      const { stdout } = await run(command, ["--version"], options);
      this.output.info(`${command}: ${stdout.trim()}`);
    } catch (error) {
      this.output.error(String(error));
      void this.explain(command);
      return;
    }
    this.client = new LanguageClient(
      "arriero",
      "arriero",
      { command, args: ["serve"], options },
      this.clientOptions(),
    );
    this.client.registerFeature(instructions);
    await this.client.start();
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // A server that crashed cannot be asked to stop, and need not be.
    await client?.dispose().catch((error: unknown) => this.output.warn(String(error)));
  }

  private async explain(command: string): Promise<void> {
    const show = "Show instructions";
    const answer = await window.showErrorMessage(
      `arriero's server does not start: the command "${command}" is missing or fails. ` +
        "Install the server, or say where it is in the setting arriero.server.path.",
      show,
    );
    if (answer === show) {
      const page = Uri.joinPath(this.context.extensionUri, "readme.md"); // so named by vsce
      await commands.executeCommand("markdown.showPreview", page);
    }
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
      outputChannel: this.output,
      stdioOptions: { stdout: () => undefined, stderr: this.logged },
      middleware: {
        executeCommand: async (command, args, next) => {
          const complete = await told(command, args);
          if (complete === undefined) return;
          try {
            return await next(command, complete);
          } catch (error) {
            // VS Code would show a red message that says "Canceled" to those who just cancelled.
            if (!(error instanceof CancellationError)) throw error;
          }
        },
        workspace: {
          configuration: ({ items }) =>
            items.map(({ section, scopeUri }) =>
              section === "arriero" ? this.settings(scopeUri) : null,
            ),
        },
      },
    };
  }

  private settings(scope: string | undefined): object {
    const resource = scope === undefined ? undefined : Uri.parse(scope);
    return chosen(workspace.getConfiguration("arriero", resource), this.settingNames());
  }

  /** The settings that the manifest declares for the server, without `arriero.`. */
  private settingNames(): string[] {
    const manifest = this.context.extension.packageJSON as Manifest;
    return manifest.contributes.configuration
      .flatMap(({ properties }) => Object.keys(properties))
      .filter((name) => !name.startsWith("arriero.server."))
      .map((name) => name.slice("arriero.".length));
  }

  /** The server's own log, which it writes with its own levels. */
  private readonly logged = (input: NodeJS.ReadableStream, output: LogOutputChannel): void => {
    createInterface({ input, crlfDelay: Infinity }).on("line", (line) => output.info(line));
  };
}

interface Manifest {
  contributes: { configuration: { properties: Record<string, unknown> }[] };
}
