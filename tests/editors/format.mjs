// Formats the Lua of the plug-in with StyLua, or says what is not formatted:
//
//     make lua
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

// npm exec tells where it put the package only by the PATH.
const folders = process.env.PATH.split(delimiter).filter((each) => each.endsWith(join("node_modules", ".bin")));
const require = createRequire(join(dirname(folders[0]), "index.js"));
const { Config, IndentType, OutputVerification, formatCode } = require("@johnnymorganz/stylua");

const [check, files] = process.argv[2] === "--check" ? [true, process.argv.slice(3)] : [false, process.argv.slice(2)];
for (const file of files) {
  const config = Config.new();
  config.column_width = 100;
  config.indent_type = IndentType.Spaces;
  config.indent_width = 2;
  const text = readFileSync(file, "utf8");
  const formatted = formatCode(text, config, undefined, OutputVerification.Full);
  if (formatted === text) continue;
  if (!check) writeFileSync(file, formatted);
  else {
    console.error(`${file} is not formatted.`);
    process.exitCode = 1;
  }
}
