// Bundles one TypeScript file: the extension into dist/, with the licences of what is bundled in
// it, and a test into build/.
//
//     node build.mjs src/extension.ts
import { build } from "esbuild";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const source = process.argv[2];
const isTest = source.endsWith(".test.ts");
const folder = isTest ? "build" : "dist";

const { metafile } = await build({
  entryPoints: [source],
  outfile: join(folder, basename(source).replace(/\.ts$/, ".js")),
  bundle: true,
  platform: "node",
  target: "node20", // VS Code 1.91 runs extensions on Node 20.
  format: "cjs",
  external: ["vscode"],
  metafile: true,
  logLevel: "warning",
});

if (!isTest) {
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
