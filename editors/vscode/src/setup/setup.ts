import type { Editor, Memory, Report } from "../editor";
import type { Command, Environments } from "./environments";
import { NoPython, type Python } from "./python";
import { Failed } from "./run";

export const QUESTION =
  "arriero's language server is not set up yet. Shall this extension make a Python environment for " +
  "it? The server comes with the extension; the libraries that it needs are installed from the " +
  "package index that your pip is set to.";
export const YES = "Set it up";
export const OWN = "Use my own server";
export const NO = "Not now";
export const SHOW = "Show the output";
export const SETTING = "Open the setting";

// That people said no is remembered, so that they are asked once and not at every start.
const DECLINED = "setup.declined";

/** What a person chose in the settings: an own server or Python, or "" for what is found. */
export interface Chosen {
  readonly path: string;
  readonly python: string;
}

/** Where the extension can lead people from a question. */
export interface Ways {
  setting(name: string): void;
  output(): void;
}

/** Finds the server to start, and makes one, with people's consent, where there is none. */
export class Setup {
  private making: Promise<Command | undefined> | undefined;

  constructor(
    private readonly editor: Editor,
    private readonly memory: Memory,
    private readonly environments: Environments,
    private readonly ways: Ways,
    private readonly find: (chosen: string) => Promise<Python>,
  ) {}

  /** Returns how to start the server, or undefined if there is none yet. */
  async server(chosen: Chosen): Promise<Command | undefined> {
    if (chosen.path) return [chosen.path];
    const current = await this.environments.current();
    if (current) return current;
    // Who has an environment has agreed to it: a newer wheel is shown going in, and not asked about.
    const other = await this.environments.other();
    return other && ((await this.make("Updating arriero's server", chosen)) ?? other);
  }

  /** Offers, once, to make one. Returns whether it was made. */
  async offer(chosen: Chosen): Promise<boolean> {
    if (this.memory.get(DECLINED) === true) return false;
    switch (await this.editor.ask(QUESTION, YES, OWN, NO)) {
      case YES:
        return this.again(chosen);
      case OWN:
        this.ways.setting("arriero.server.path");
        return false;
      case NO:
        await this.memory.update(DECLINED, true);
    }
    return false; // A question that was closed unanswered is asked again at the next start.
  }

  /** Makes one because people chose to, whatever they said before. Returns whether it was made. */
  async again(chosen: Chosen): Promise<boolean> {
    await this.memory.update(DECLINED, undefined);
    return (await this.make("Setting up arriero's server", chosen)) !== undefined;
  }

  /** Makes one at a time: who asks meanwhile gets the same. */
  private make(title: string, chosen: Chosen): Promise<Command | undefined> {
    this.making ??= this.made(title, chosen).finally(() => (this.making = undefined));
    return this.making;
  }

  private async made(title: string, chosen: Chosen): Promise<Command | undefined> {
    try {
      return await this.editor.progress(title, async (report, cancelled) => {
        const python = await this.find(chosen.python);
        this.editor.log(`${title} with Python ${python.version} (${python.command.join(" ")}).`);
        await this.environments.tidy();
        return this.environments.make(python, this.told(report), cancelled);
      });
    } catch (error) {
      void this.explain(error);
      return undefined;
    }
  }

  /** The steps that take long, in a word; all of what pip says is in the output. */
  private told(report: Report): (line: string) => void {
    return (line) => {
      this.editor.log(line);
      const collected = /^Collecting ([\w.-]+)/.exec(line)?.[1];
      if (collected) report(`fetching ${collected}`);
      if (line.startsWith("Installing collected packages")) report("installing");
    };
  }

  private async explain(error: unknown): Promise<void> {
    if (error instanceof Error && error.name === "AbortError") return; // They ended it themselves.
    if (error instanceof NoPython) {
      const answer = await this.editor.warn(error.message, SETTING);
      if (answer === SETTING) this.ways.setting("arriero.server.python");
      return;
    }
    const reason = error instanceof Failed ? error.message : String(error);
    const answer = await this.editor.warn(`arriero's server could not be set up: ${reason}`, SHOW);
    if (answer === SHOW) this.ways.output();
  }
}
