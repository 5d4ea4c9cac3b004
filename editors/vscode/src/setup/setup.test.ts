import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Remembered, ScriptedEditor } from "../scripted";
import { type Command, Environments, wheelIn } from "./environments";
import { type Python, findPython } from "./python";
import { NO, OWN, QUESTION, SETTING, SHOW, Setup, YES } from "./setup";

const NOTHING_CHOSEN = { path: "", python: "" };

// A wheel as pip wants one, of a server that only tells its version, or does not even start.
const WRITE_WHEEL = `
import sys, zipfile
folder, version = sys.argv[1:]
info = f"arriero-{version}.dist-info"
main = "raise SystemExit(1)" if version == "0.0.0" else f"print('arriero {version}')"
with zipfile.ZipFile(f"{folder}/arriero-{version}-py3-none-any.whl", "w") as wheel:
    wheel.writestr("arriero/__init__.py", "")
    wheel.writestr("arriero/__main__.py", main)
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: arriero\\nVersion: {version}\\nProvides-Extra: local\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
`;
const BROKEN = "0.0.0";

/** Somebody's computer: what they remember, what was made, and the extension's newest wheel. */
class Computer {
  readonly folder = mkdtempSync(join(tmpdir(), "arriero-"));
  readonly memory = new Remembered();
  readonly went: string[] = [];
  readonly made = join(this.folder, "made");

  /** What happens to the one who answers so, with the extension of this version. */
  async with(
    version: string,
    answers: (string | undefined)[],
    work: (setup: Setup, editor: ScriptedEditor) => Promise<void>,
    find: (chosen: string) => Promise<Python> = (chosen) => findPython(chosen, this.folder),
  ): Promise<ScriptedEditor> {
    const carried = mkdtempSync(join(this.folder, "carried-"));
    execFileSync("python3", ["-c", WRITE_WHEEL, carried, version]);
    const environments = new Environments(this.made, await wheelIn(carried));
    const ways = {
      setting: (name: string) => this.went.push(name),
      output: () => this.went.push("output"),
    };
    const editor = new ScriptedEditor(answers);
    await work(new Setup(editor, this.memory, environments, ways, find), editor);
    return editor;
  }

  /** An environment as it was finished once, of which nothing else is left. */
  pretend(name: string): void {
    mkdirSync(join(this.made, name), { recursive: true });
    writeFileSync(join(this.made, name, "ready.json"), "{}");
  }

  environments(): string[] {
    return existsSync(this.made) ? readdirSync(this.made) : [];
  }
}

function said(command: Command | undefined): string {
  const [program = "", ...args] = command ?? [];
  return execFileSync(program, [...args, "--version"], { encoding: "utf8" }).trim();
}

test("nothing is made before people agree, and they are asked once", async () => {
  const computer = new Computer();
  const editor = await computer.with("1.0", [NO], async (setup) => {
    assert.equal(await setup.server(NOTHING_CHOSEN), undefined);
    assert.equal(await setup.offer(NOTHING_CHOSEN), false);
    assert.equal(await setup.offer(NOTHING_CHOSEN), false);
  });
  assert.deepEqual(editor.shown, [QUESTION]);
  assert.deepEqual(computer.environments(), []);
});

test("a question that was closed is asked again at the next start", async () => {
  const computer = new Computer();
  const editor = await computer.with("1.0", [undefined, undefined], async (setup) => {
    await setup.offer(NOTHING_CHOSEN);
    await setup.offer(NOTHING_CHOSEN);
  });
  assert.deepEqual(editor.shown, [QUESTION, QUESTION]);
});

test("who has an own server is led to the setting, and nothing is made beside it", async () => {
  const computer = new Computer();
  await computer.with("1.0", [OWN], async (setup) => {
    assert.equal(await setup.offer(NOTHING_CHOSEN), false);
    assert.deepEqual(await setup.server({ path: "/my/arriero", python: "" }), ["/my/arriero"]);
  });
  assert.deepEqual(computer.went, ["arriero.server.path"]);
  assert.deepEqual(computer.environments(), []);
});

test("a server is made of the carried wheel, renewed with it, and kept where that fails", async () => {
  const computer = new Computer();
  await computer.with("1.0", [YES], async (setup) => {
    assert.equal(await setup.offer(NOTHING_CHOSEN), true);
    assert.equal(said(await setup.server(NOTHING_CHOSEN)), "arriero 1.0");
  });
  const updated = await computer.with("1.1", [], async (setup) => {
    assert.equal(said(await setup.server(NOTHING_CHOSEN)), "arriero 1.1");
  });
  assert.deepEqual(updated.shown, ["Updating arriero's server"]);
  const failed = await computer.with(BROKEN, [SHOW], async (setup) => {
    assert.match(said(await setup.server(NOTHING_CHOSEN)), /^arriero 1\.[01]$/);
  });
  assert.match(failed.shown[1] ?? "", /^arriero's server could not be set up: /);
  assert.deepEqual(computer.went, ["output"]);
  assert.equal(computer.environments().length, 2, "what failed left nothing behind");
});

test("without a Python it says so, and leads to the setting", async () => {
  const computer = new Computer();
  const editor = await computer.with(
    "1.0",
    [YES, SETTING],
    async (setup) => assert.equal(await setup.offer(NOTHING_CHOSEN), false),
    () => findPython("", computer.folder, []),
  );
  assert.match(editor.shown.at(-1) ?? "", /needs Python 3\.11 or newer, and none was found/);
  assert.deepEqual(computer.went, ["arriero.server.python"]);
});

test("who cancels is told nothing, and nothing is left behind", async () => {
  const computer = new Computer();
  const editor = await computer.with("1.0", [], async (setup, editor) => {
    editor.progress = (title, work) => {
      editor.shown.push(title);
      return work(() => undefined, AbortSignal.abort());
    };
    assert.equal(await setup.again(NOTHING_CHOSEN), false);
  });
  assert.deepEqual(editor.shown, ["Setting up arriero's server"]);
  assert.deepEqual(computer.environments(), []);
});

test("an environment whose Python is gone is none", async () => {
  const computer = new Computer();
  computer.pretend("server-00000000-abcdef");
  await computer.with("1.0", [], async (setup) => {
    assert.equal(await setup.server(NOTHING_CHOSEN), undefined);
  });
});

test("what nobody used for long goes, and what is in use stays", async () => {
  const computer = new Computer();
  computer.pretend("server-00000000-abcdef");
  const environments = new Environments(computer.made, "");
  await environments.tidy();
  assert.equal(computer.environments().length, 1);
  await environments.tidy(Date.now() + 31 * 24 * 3600_000);
  assert.equal(computer.environments().length, 0);
});

test("a folder has to have one wheel", async () => {
  const folder = mkdtempSync(join(tmpdir(), "arriero-"));
  await assert.rejects(wheelIn(folder), /one wheel/);
  for (const name of ["a.whl", "b.whl"]) writeFileSync(join(folder, name), "");
  await assert.rejects(wheelIn(folder), /one wheel/);
});
