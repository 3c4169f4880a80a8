// Copies the libraries out of node_modules, minifies require.js, and writes the README's table.
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { minify } from "terser";

const LIBRARIES = [
  { name: "d3", from: "dist/d3.min.js", licence: "LICENSE", kind: "BSD-3-Clause" },
  { name: "jquery", from: "dist/jquery.min.js", licence: "LICENSE.txt", kind: "MIT" },
  // its package carries no licence file: require.LICENSE.txt is the repository's
  { name: "requirejs", as: "require", from: "require.js", kind: "MIT" },
];

const rows = [];
for (const { name, as = name, from, licence, kind } of LIBRARIES) {
  const root = `node_modules/${name}`;
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  let code = readFileSync(`${root}/${from}`, "utf8");
  if (!from.endsWith(".min.js")) {
    code = (await minify(code, { format: { comments: "some" } })).code + "\n";
  }
  if (/<\/script|<!--/i.test(code)) throw new Error(`${name} cannot stand inside a script block`);
  writeFileSync(`${as}.min.js`, code);
  if (licence) copyFileSync(`${root}/${licence}`, `${as}.LICENSE.txt`);
  const digest = createHash("sha256").update(code).digest("hex");
  rows.push(`| \`${as}.min.js\` | ${name} ${version} | ${kind}, \`${as}.LICENSE.txt\` | \`${digest}\` |`);
}
const table = ["| file | library | licence | sha256 |", "|---|---|---|---|", ...rows].join("\n");
const readme = readFileSync("README.md", "utf8");
writeFileSync("README.md", readme.replace(/\| file \|[\s\S]*?\n(?=\n|$)/, table + "\n"));
console.log(table);
