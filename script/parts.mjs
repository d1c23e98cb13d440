// Copies what the panel ships out of node_modules and builds two files from it: icons.svg and roboto.css.
// Called by script/vendor: node script/parts.mjs ICON-LIST TARGET-FOLDER
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [iconList, target] = process.argv.slice(2);
const modules = "node_modules";
const fontWeights = [400, 500, 700];
const fontSubsets = ["latin-ext", "latin"];

const read = (...path) => readFileSync(join(modules, ...path), "utf8");
const write = (name, text) => writeFileSync(join(target, name), text);

/** A script without the pointer to its source map, which we do not ship. */
function copyScript(...path) {
  write(path.at(-1), read(...path).replace(/^\/\/# sourceMappingURL=.*$/m, ""));
}

/** One <symbol> of the sprite; a name that does not exist stops the build. */
function symbol(name) {
  const shape = read("@mdi/svg", "svg", `${name}.svg`).match(/<path d="[^"]+"/)[0];
  return `<symbol id="${name}" viewBox="0 0 24 24">${shape}/></symbol>`;
}

function sprite() {
  const names = readFileSync(iconList, "utf8").split("\n").map((line) => line.trim());
  const symbols = [...new Set(names)].filter((name) => name && !name.startsWith("#")).map(symbol);
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

/** Copy one cut of the font and return its @font-face rule. */
function fontFace(subset, weight) {
  const file = `roboto-${subset}-${weight}-normal.woff2`;
  cpSync(join(modules, "@fontsource/roboto/files", file), join(target, file));
  const range = JSON.parse(read("@fontsource/roboto", "unicode.json"))[subset];
  return `@font-face {
  font-family: "Roboto";
  font-style: normal;
  font-weight: ${weight};
  font-display: swap;
  src: url("${file}") format("woff2");
  unicode-range: ${range};
}
`;
}

copyScript("hls.js", "dist", "hls.min.js");
copyScript("hls.js", "dist", "hls.worker.js");
write("icons.svg", sprite());
write("roboto.css", fontSubsets.flatMap((subset) => fontWeights.map((weight) => fontFace(subset, weight))).join("\n"));
mkdirSync(join(target, "licenses"));
for (const [part, name] of [["hls.js", "hls.js"], ["@fontsource/roboto", "roboto"], ["@mdi/svg", "mdi"]]) {
  cpSync(join(modules, part, "LICENSE"), join(target, "licenses", `${name}.txt`));
}
