import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const executed = promisify(execFile);

// Whatever is asked, it is a short question: a program that does not answer it is none of ours.
const PATIENCE = 30_000; // ms

/**
 * Asks a program something; returns what it says, or undefined if it is missing or fails.
 *
 * The working directory is never a workspace's: Windows looks for a command there first, and would
 * run the python.exe of a repository that comes from anyone.
 */
export async function answer(command: readonly string[], folder: string): Promise<string | undefined> {
  const [program = "", ...args] = command;
  try {
    const { stdout } = await executed(program, args, { cwd: folder, timeout: PATIENCE });
    return stdout.trim();
  } catch {
    return undefined; // The caller says what that means; there may be another program to ask.
  }
}

/** A program that ended with an error; the message has the last of what it said. */
export class Failed extends Error {}

/**
 * Runs a program to its end, and hands on each line that it writes.
 *
 * Throws Failed, or an AbortError after `cancelled`.
 */
export async function run(
  command: readonly string[],
  options: { folder: string; environment?: NodeJS.ProcessEnv; cancelled?: AbortSignal | undefined },
  line: (text: string) => void,
): Promise<void> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: options.folder,
    env: { ...process.env, ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
    signal: options.cancelled,
  });
  let last = "";
  const lines = [child.stdout, child.stderr].map(async (input) => {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      last = text.trim() || last;
      line(text);
    }
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  await Promise.all(lines);
  if (code !== 0) throw new Failed(last || `${program} ended with ${String(code)}.`);
}
