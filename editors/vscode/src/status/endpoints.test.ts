import assert from "node:assert/strict";
import { test } from "node:test";
import { Remembered, ScriptedEditor } from "../scripted";
import { ANOTHER, NONE, chooseEndpoint, wrong } from "./endpoints";

const GPU = "http://gpu:8080";

test("an address that was entered is offered from then on", async () => {
  const memory = new Remembered();
  assert.equal(await chooseEndpoint(new ScriptedEditor([ANOTHER, ` ${GPU} `]), memory, ""), GPU);
  assert.equal(await chooseEndpoint(new ScriptedEditor([GPU]), memory, ""), GPU);
});

test("the one in use is kept when another one is chosen", async () => {
  const memory = new Remembered();
  await chooseEndpoint(new ScriptedEditor([ANOTHER, "http://new"]), memory, GPU);
  assert.equal(await chooseEndpoint(new ScriptedEditor([GPU]), memory, "http://new"), GPU);
});

test("an address can be taken out of the settings", async () => {
  assert.equal(await chooseEndpoint(new ScriptedEditor([NONE]), new Remembered(), GPU), "");
});

test("who closes the list or the box changes nothing", async () => {
  const memory = new Remembered();
  assert.equal(await chooseEndpoint(new ScriptedEditor([undefined]), memory, GPU), undefined);
  assert.equal(await chooseEndpoint(new ScriptedEditor([ANOTHER]), memory, GPU), undefined);
  assert.equal(memory.values.size, 0);
});

test("what is no address, or has a secret in it, is not taken", () => {
  for (const right of [GPU, "https://gpu.example/70b", "unix:///run/tgi.sock", ` ${GPU}`]) {
    assert.equal(wrong(right), "", right);
  }
  for (const bad of ["", "gpu", "gpu:8080", "ftp://gpu", "http://me:hush@gpu", `${GPU}?key=hush`]) {
    assert.notEqual(wrong(bad), "", bad);
  }
});
