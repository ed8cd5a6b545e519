// `make page`: bundles the page's modules, and the codecs of npm packages, into built/.
//
// built/app.js      view/app.js, a script
// built/worker.js   features/worker.js, a script
// built/codecs.js   pixels/codecs_bundled.js with its WebAssembly, a script that sets
//                   globalThis.pageCodecs; stands before app.js in the page
// built/LICENSES.txt, built/SOURCES.sha256
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";

const PAGE = path.dirname(fileURLToPath(import.meta.url));
const BUILT = process.argv[2] ? path.resolve(process.argv[2]) : path.join(PAGE, "built");
const { dependencies } = JSON.parse(read("package.json"));

function read(name) {
  return fs.readFileSync(path.join(PAGE, name), "utf8");
}

function install(folder) {
  fs.copyFileSync(path.join(PAGE, "package.json"), path.join(folder, "package.json"));
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
  execFileSync("npm", ["install", ...quiet], { cwd: folder, stdio: "inherit" });
  return path.join(folder, "node_modules");
}

// WebAssembly as text: a third of its size by gzip, and no character that HTML knows.
const packed = {
  name: "packed",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, ({ path: file }) => {
      const text = zlib.gzipSync(fs.readFileSync(file), { level: 9 }).toString("base64");
      return { contents: text, loader: "text" };
    });
  },
};

async function bundle(esbuild, modules, entry, out) {
  await esbuild.build({
    absWorkingDir: PAGE,
    entryPoints: [entry],
    outfile: path.join(BUILT, out),
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "ascii",
    legalComments: "none",
    nodePaths: [modules],
    external: ["fs", "path"], // asked for in node alone, which the next line denies
    define: { process: "undefined", __filename: "undefined", __dirname: "undefined" },
    plugins: [packed],
  });
  const file = path.join(BUILT, out);
  const text = fs.readFileSync(file, "utf8");
  // a script element ends at the first of these, whatever the script means by it
  fs.writeFileSync(file, text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--"));
}

function licences(modules) {
  const parts = [
    "Programs of others inside codecs.js, and their licences.\n",
    ...Object.keys(dependencies).map((name) => {
      const folder = path.join(modules, name);
      const about = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
      const own = fs.readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
      const text = own ? fs.readFileSync(path.join(folder, own), "utf8") : "";
      return `${name} ${about.version} (${about.license})\n\n${text}`.trim() + "\n";
    }),
    ...fs.readdirSync(path.join(PAGE, "licences")).sort().map((file) => {
      return `${read(path.join("licences", file)).trim()}\n`;
    }),
  ];
  return parts.join(`\n${"-".repeat(72)}\n\n`);
}

// The sources in one number, so that a test sees what was not built again.
function sourcesHash() {
  const names = fs
    .readdirSync(PAGE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(m?js|json|txt)$/.test(entry.name))
    .map((entry) => path.relative(PAGE, path.join(entry.parentPath ?? entry.path, entry.name)))
    .map((name) => name.split(path.sep).join("/"))
    .filter((name) => !/^(built|node_modules)\//.test(name))
    .sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(`${name}\n${read(name)}\n`);
  return hash.digest("hex");
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), "page-"));
try {
  const modules = install(work);
  const require = createRequire(path.join(work, "package.json"));
  const esbuild = require("esbuild");
  fs.mkdirSync(BUILT, { recursive: true });
  await bundle(esbuild, modules, "view/app.js", "app.js");
  await bundle(esbuild, modules, "features/worker.js", "worker.js");
  await bundle(esbuild, modules, "pixels/codecs_bundled.js", "codecs.js");
  const text = licences(modules);
  fs.writeFileSync(path.join(BUILT, "LICENSES.txt"), text);
  // every page that is written carries the licences with it
  const codecs = path.join(BUILT, "codecs.js");
  fs.writeFileSync(codecs, `/*\n${text.replaceAll("*/", "* /")}*/\n${fs.readFileSync(codecs, "utf8")}`);
  fs.writeFileSync(path.join(BUILT, "SOURCES.sha256"), `${sourcesHash()}\n`);
  for (const name of fs.readdirSync(BUILT).sort()) {
    console.log(`${fs.statSync(path.join(BUILT, name)).size}\t${name}`);
  }
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
