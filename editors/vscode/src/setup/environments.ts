import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Python } from "./python";
import { answer, run } from "./run";

// Written last: an environment without it was never finished. Its time is that of the last use.
const READY = "ready.json";

// Other windows may still run the server of an older one, so it goes when it was not used for long.
const UNUSED = 30 * 24 * 3600_000; // ms

/** How to start the server, without the subcommand. */
export type Command = readonly string[];

/**
 * The Python environments that this extension makes for the server, one for each wheel that it ever
 * carried, in a folder of its own.
 */
export class Environments {
  /**
   * @param folder where they lie; nothing else lies there
   * @param wheel the server that this extension carries
   * @param extras names of the server's optional parts that are installed too
   */
  constructor(
    private readonly folder: string,
    private readonly wheel: string,
    private readonly extras: readonly string[] = ["local"],
  ) {}

  /** Returns the server that was made of the carried wheel, if it is there and runs. */
  async current(): Promise<Command | undefined> {
    const mark = await this.mark();
    return this.working((name) => name.startsWith(mark));
  }

  /** Returns a server of another wheel that runs: that of the extension before its update. */
  async other(): Promise<Command | undefined> {
    const mark = await this.mark();
    return this.working((name) => !name.startsWith(mark));
  }

  /**
   * Makes an environment, and returns the server in it. The others stay as they are.
   *
   * The server comes from the carried file and from nowhere else; what it needs, pip fetches from
   * wherever it is set up to. Throws Failed, or an AbortError after `cancelled`; then nothing stays.
   */
  async make(python: Python, line: (text: string) => void, cancelled?: AbortSignal): Promise<Command> {
    // A name of its own: another window may be at the same work.
    const place = join(this.folder, `${await this.mark()}${randomBytes(3).toString("hex")}`);
    await mkdir(this.folder, { recursive: true });
    try {
      await this.fill(place, python, line, cancelled);
    } catch (error) {
      await rm(place, { recursive: true, force: true });
      throw error;
    }
    return command(place);
  }

  /** Removes what nobody has used for long. */
  async tidy(now = Date.now()): Promise<void> {
    for (const place of await this.places(() => true)) {
      const used = await stat(join(place, READY)).catch(() => stat(place));
      if (now - used.mtimeMs > UNUSED) await rm(place, { recursive: true, force: true });
    }
  }

  private async fill(
    place: string,
    python: Python,
    line: (text: string) => void,
    cancelled: AbortSignal | undefined,
  ): Promise<void> {
    const options = { folder: this.folder, cancelled, environment: { PIP_USER: "0" } };
    await run([...python.command, "-I", "-m", "venv", place], options, line);
    const server = `${this.wheel}[${this.extras.join(",")}]`;
    const pip = [interpreter(place), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"];
    // Most of what is installed is never imported, and so not worth compiling beforehand.
    const install = ["install", "--no-compile", "--progress-bar", "off", server];
    await run([...pip, ...install], options, line);
    await run([...command(place), "--version"], options, line);
    await writeFile(join(place, READY), JSON.stringify({ python: python.version }));
  }

  // Short, and by content: Windows has paths of 260 characters, and a build of the same version may
  // differ from another.
  private async mark(): Promise<string> {
    const content = await readFile(this.wheel);
    return `server-${createHash("sha256").update(content).digest("hex").slice(0, 8)}-`;
  }

  private async places(wanted: (name: string) => boolean): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []); // not there before the first one
    return names
      .filter((name) => name.startsWith("server-") && wanted(name))
      .sort()
      .map((name) => join(this.folder, name));
  }

  private async working(wanted: (name: string) => boolean): Promise<Command | undefined> {
    for (const place of await this.places(wanted)) {
      const ready = join(place, READY);
      if (!(await stat(ready).catch(() => undefined))) continue;
      // Also what was finished can be broken: by an update of the Python that it was made of.
      if (!(await answer([...command(place), "--version"], this.folder))) continue;
      await utimes(ready, new Date(), new Date());
      return command(place);
    }
    return undefined;
  }
}

/** Returns the one wheel in a folder. */
export async function wheelIn(folder: string): Promise<string> {
  const [wheel, ...more] = (await readdir(folder)).filter((name) => name.endsWith(".whl"));
  if (!wheel || more.length > 0) throw new Error(`${folder} should have one wheel in it.`);
  return join(folder, wheel);
}

function interpreter(place: string): string {
  return process.platform === "win32"
    ? join(place, "Scripts", "python.exe")
    : join(place, "bin", "python");
}

// -I: neither a PYTHONPATH nor a file of the working directory stands in for the server's own.
function command(place: string): Command {
  return [interpreter(place), "-I", "-m", "arriero"];
}
