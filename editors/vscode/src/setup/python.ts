import { answer } from "./run";

/** The oldest Python that the server runs on. A test holds it to the server's pyproject.toml. */
export const OLDEST = [3, 11] as const;

export interface Python {
  readonly command: readonly string[];
  readonly version: string;
}

/** Says why there is no Python to use, and what to do. */
export class NoPython extends Error {}

// Debian and its kin have venv in a package of its own, without which ensurepip is missing.
const QUESTION = [
  "import importlib.util as u, sys",
  "print(*sys.version_info[:3], u.find_spec('venv') and u.find_spec('ensurepip') and 'venv' or '-')",
].join("\n");

const SETTING = "say where one is in the setting arriero.server.python";

/**
 * Finds a Python that can make environments.
 *
 * @param chosen the program that a person chose, or "" to look for one
 * @param folder where to run it
 */
export async function findPython(
  chosen: string,
  folder: string,
  candidates: readonly (readonly string[])[] = usual(process.platform),
): Promise<Python> {
  const found = [];
  for (const command of chosen ? [[chosen]] : candidates) {
    const python = await examine(command, folder);
    if (python?.recent && python.environments) return { command, version: python.version };
    if (python) found.push({ ...python, name: command.join(" ") });
  }
  throw new NoPython(whyNone(chosen, found));
}

/** The names that a Python goes by, the likeliest first. */
export function usual(platform: string): string[][] {
  if (platform === "win32") return [["py", "-3"], ["python3"], ["python"]];
  const versions = ["3.14", "3.13", "3.12", "3.11"].map((version) => `python${version}`);
  // A desktop's editor does not have the PATH of the shell, where Homebrew's Python stands.
  const places = ["/opt/homebrew/bin/python3", "/usr/local/bin/python3", "/usr/bin/python3"];
  return ["python3", ...versions, "python", ...places].map((name) => [name]);
}

interface Examined {
  version: string;
  recent: boolean;
  environments: boolean;
}

async function examine(command: readonly string[], folder: string): Promise<Examined | undefined> {
  const said = await answer([...command, "-I", "-c", QUESTION], folder);
  const [major, minor, patch, environments] = said?.split(" ") ?? [];
  if (!environments) return undefined;
  const [oldestMajor, oldestMinor] = OLDEST;
  return {
    version: `${major}.${minor}.${patch}`,
    recent: Number(major) === oldestMajor && Number(minor) >= oldestMinor,
    environments: environments === "venv",
  };
}

function whyNone(chosen: string, found: readonly (Examined & { name: string })[]): string {
  const needed = `arriero's server needs Python ${OLDEST.join(".")} or newer`;
  const bare = found.find((python) => python.recent);
  if (bare) {
    const minor = bare.version.split(".").slice(0, 2).join(".");
    return (
      `Python ${bare.version} (${bare.name}) cannot make environments: its modules venv and ` +
      `ensurepip are missing. Install them (on Debian and Ubuntu: \`apt install python${minor}-venv\`), ` +
      `or ${SETTING}.`
    );
  }
  const old = found[0];
  if (old) {
    return `${needed}, and ${old.name} is ${old.version}. Install a newer one, or ${SETTING}.`;
  }
  return chosen
    ? `${needed}, and \`${chosen}\` of the setting arriero.server.python is none. Correct the setting, or leave it empty.`
    : `${needed}, and none was found. Install it (from python.org, or your system's packages), or ${SETTING}.`;
}
