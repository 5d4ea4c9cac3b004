import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen } from "./settings";

type Layer = "defaultValue" | "globalValue" | "workspaceValue" | "workspaceFolderValue";
type Layers = Partial<Record<Layer, unknown>>;

/** What the server is told when the editor holds these values, the most specific of which counts. */
function check(held: Record<string, Layers>, told: object): void {
  const effective = (name: string): unknown => {
    const at = held[name];
    return at?.workspaceFolderValue ?? at?.workspaceValue ?? at?.globalValue ?? at?.defaultValue;
  };
  const configuration = {
    get: effective,
    inspect: (name: string) => ({ key: name, ...held[name] }),
  } as Parameters<typeof chosen>[0];
  assert.deepEqual(chosen(configuration, Object.keys(held)), told);
}

test("a default is not told: it would win over the user's own file", () => {
  check({ url: { defaultValue: "" } }, {});
});

test("a user's choice is told", () => {
  check({ url: { defaultValue: "", globalValue: "http://gpu:8080" } }, { url: "http://gpu:8080" });
});

test("a choice that equals the default is still a choice", () => {
  check({ "completion.enabled": { defaultValue: true, globalValue: true } }, { completion: { enabled: true } });
});

test("a false, an empty and a zero value are choices", () => {
  check(
    { a: { globalValue: false }, b: { globalValue: "" }, c: { workspaceValue: 0 } },
    { a: false, b: "", c: 0 },
  );
});

test("the workspace's choice is the effective one", () => {
  check({ max_new_tokens: { globalValue: 100, workspaceValue: 50 } }, { max_new_tokens: 50 });
  check({ max_new_tokens: { globalValue: 100, workspaceFolderValue: 25 } }, { max_new_tokens: 25 });
  check({ max_new_tokens: { defaultValue: 200, workspaceFolderValue: 25 } }, { max_new_tokens: 25 });
});

test("dotted names become one tree", () => {
  check(
    { "deadlines.connect": { globalValue: 1 }, "deadlines.total": { globalValue: 9 } },
    { deadlines: { connect: 1, total: 9 } },
  );
});
