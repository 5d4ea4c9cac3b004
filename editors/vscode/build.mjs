// Bundles the extension into dist/, with the licences of what is bundled in it; or the tests into
// build/.
//
//     node build.mjs [test]
import { build } from "esbuild";
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const testing = process.argv[2] === "test";
const folder = testing ? "build" : "dist";
const tests = readdirSync("src", { recursive: true }).filter((file) => file.endsWith(".test.ts"));

rmSync(folder, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: testing ? tests.map((file) => join("src", file)) : ["src/extension.ts"],
  outdir: folder,
  bundle: true,
  platform: "node",
  target: "node20", // VS Code 1.91 runs extensions on Node 20.
  format: "cjs",
  external: ["vscode"],
  metafile: true,
  logLevel: "warning",
});

if (!testing) {
  writeFileSync(join(folder, "third-party.txt"), licences(Object.keys(metafile.inputs)));
  for (const name of ["LICENSE", "NOTICE"]) copyFileSync(join("..", "..", name), name);
}

/** The licence text of every package that a bundled file comes from: MIT and ISC ask for it. */
function licences(files) {
  const packages = new Set(
    files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean),
  );
  return [...packages]
    .sort()
    .map((path) => {
      const { name, version } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
      const licence = readdirSync(path).find((file) => /^licen[cs]e/i.test(file));
      if (!licence) throw new Error(`${name} has no licence file to pass on.`);
      return `${name} ${version}\n\n${readFileSync(join(path, licence), "utf8").trim()}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}
