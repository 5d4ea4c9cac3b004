import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { OLDEST, findPython, usual } from "./python";

const HERE = tmpdir();

/** A program that answers like a Python of this version would. */
function standIn(answer: string): string[] {
  const file = join(mkdtempSync(join(HERE, "arriero-")), "python3");
  writeFileSync(file, `#!/bin/sh\necho "${answer}"\n`);
  chmodSync(file, 0o755);
  return [file];
}

const OLD = standIn("3 9 2 venv");
const BARE = standIn("3 12 1 -");
const GOOD = standIn("3 11 7 venv");
const CHATTY = standIn("Python was not found; run without arguments to install it");
const MISSING = ["/nowhere/python3"];

async function check(candidates: string[][], found: string[] | RegExp, chosen = ""): Promise<void> {
  const looking = findPython(chosen, HERE, candidates);
  if (found instanceof RegExp) await assert.rejects(looking, found);
  else assert.deepEqual((await looking).command, found);
}

test("the Python of this computer is found", async () => {
  const { version } = await findPython("", HERE);
  assert.match(version, /^3\.\d+\.\d+$/);
});

test("the first that is new enough and can make environments is taken", async () => {
  await check([MISSING, CHATTY, OLD, BARE, GOOD], GOOD);
});

test("what is chosen is taken, and nothing else", async () => {
  await check([GOOD], GOOD, GOOD[0]);
  await check([GOOD], /and `\/nowhere\/python3` of the setting .* is none/, MISSING[0]);
  await check([GOOD], /is 3\.9\.2\. Install a newer one/, OLD[0]);
});

test("what is missing is named, with what to do", async () => {
  await check([], /needs Python 3\.11 or newer, and none was found\. Install it/);
  await check([OLD], /and .*python3 is 3\.9\.2\. Install a newer one, or say where one is/);
  await check([OLD, BARE], /cannot make environments: .* `apt install python3\.12-venv`/);
});

test("Windows is asked for its launcher", () => {
  assert.deepEqual(usual("win32")[0], ["py", "-3"]);
});

test("the oldest Python is the server's", () => {
  const project = readFileSync(join("..", "..", "pyproject.toml"), "utf8");
  assert.ok(project.includes(`requires-python = ">=${OLDEST.join(".")}"`));
});
