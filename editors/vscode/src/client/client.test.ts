import assert from "node:assert/strict";
import { test } from "node:test";
import { Crashes, MOST, WITHIN } from "./crashes";
import { pageOf, titleOf } from "./page";

test("a page fetches and runs nothing, whatever stands in it", () => {
  const page = pageOf('<img src="https://example.com/?code">');
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
  assert.equal(policy, "default-src 'none'; style-src 'unsafe-inline'");
  assert.ok(page.indexOf("Content-Security-Policy") < page.indexOf("<img"));
});

test("a page is called by its first heading", () => {
  assert.equal(titleOf("# Explain: paths.py\n\n# Other\n", "x.md"), "Explain: paths.py");
  assert.equal(titleOf("No heading", "x.md"), "x.md");
});

test("a server that crashes now and then is started anew; one that does nothing else is not", () => {
  let now = 0;
  const crashes = new Crashes(() => now);
  for (let crash = 0; crash < MOST; crash++) assert.ok(crashes.restart());
  assert.ok(!crashes.restart());
  now += WITHIN;
  assert.ok(crashes.restart());
});
