import assert from "node:assert/strict";
import { test } from "node:test";
import { menu } from "./menu";
import { type Told, isPaused, shown } from "./status";

const READY: Told = {
  state: "ready",
  trouble: "",
  paused: [],
  model: "codellama/CodeLlama-70b-Instruct-hf",
  url: "http://gpu:8080",
  last: { tokens: 12, ttft_s: 0.2, seconds: 0.94 },
};

function check(told: Told | undefined, text: string, tooltip: string, alarming = false): void {
  assert.deepEqual(shown("running", told), { text, tooltip, alarming });
}

test("a server that is ready names its model, and how long the last answer took", () => {
  check(
    READY,
    "$(sparkle) arriero",
    "arriero is ready.\ncodellama/CodeLlama-70b-Instruct-hf at http://gpu:8080\n" +
      "The last answer: 12 tokens in 0.9 s.",
  );
});

test("a model that thinks is seen to", () => {
  check({ ...READY, state: "thinking" }, "$(loading~spin) arriero", shownFirst("The model is thinking."));
});

test("what is paused is told", () => {
  check({ ...READY, paused: ["*"] }, "$(debug-pause) arriero", shownFirst("Suggestions while you type are paused."));
  check(
    { ...READY, paused: ["go", "lua"] },
    "$(debug-pause) arriero",
    shownFirst("Suggestions while you type are paused in go, lua."),
  );
});

for (const state of ["unreachable", "no backend"] as const) {
  test(`${state}: the cause is shown, whatever is paused`, () => {
    const told = { ...READY, state, trouble: "Nothing answers.", paused: ["*"] };
    check(told, "$(warning) arriero", "Nothing answers.", true);
  });
}

test("until the server tells of itself it is starting", () => {
  check(undefined, "$(loading~spin) arriero", "arriero's server is starting.");
  check({ ...READY, state: "starting" }, "$(loading~spin) arriero", "arriero's server is starting.");
});

test("a server that is not there, or stopped, is told, whatever it said before", () => {
  assert.equal(shown("missing", READY).tooltip, "arriero's server is not set up.");
  assert.equal(shown("stopped", READY).alarming, true);
});

test("a pause in one language leaves the others", () => {
  assert.equal(isPaused({ ...READY, paused: ["go"] }, "go"), true);
  assert.equal(isPaused({ ...READY, paused: ["go"] }, "lua"), false);
  assert.equal(isPaused({ ...READY, paused: ["*"] }, "lua"), true);
});

test("the menu offers what can be done now", () => {
  const commands = (...how: Parameters<typeof menu>): (string | undefined)[] =>
    menu(...how).map((entry) => [entry.command, ...(entry.args ?? [])].join(" "));
  assert.deepEqual(commands("running", READY, "python").slice(0, 4), [
    "arriero.pause",
    "arriero.pause python",
    "arriero.switchEndpoint",
    "arriero.doctor",
  ]);
  assert.equal(commands("running", { ...READY, paused: ["python"] }, "python")[0], "arriero.resume");
  assert.equal(commands("missing", undefined, "python")[0], "arriero.setUp");
  assert.ok(!commands("stopped", READY, "python").includes("arriero.doctor"));
  assert.ok(commands("stopped", READY, "python").includes("arriero.restart"));
});

test("the menu says how suggestions did, and what is kept from the model", () => {
  const suggestions = { shown: 9, accepted: 4, partly: 1, rejected: 2 };
  const [kept, pause] = menu("running", { ...READY, suggestions, kept_back: ".env is secret." }, "");
  assert.equal(kept?.detail, ".env is secret.");
  assert.equal(pause?.description, "9 shown since the start, 4 accepted, 1 in part");
});

function shownFirst(sentence: string): string {
  return shown("running", READY).tooltip.replace("arriero is ready.", sentence);
}
