/**
 * Builds the package of the folder that it runs in: JavaScript and declarations
 * from TypeScript, then pure marks on the calls that make constants and
 * classes, so that a bundler drops those that nobody uses.
 */
import * as Babel from "@babel/core"
import annotatePureCalls from "babel-plugin-annotate-pure-calls"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { deferredReads } from "./deferredReads.ts"
import { root } from "./packages.ts"

const folder = process.cwd()
const output = Path.join(folder, "dist")

Fs.rmSync(output, { recursive: true, force: true })
const compiler = Path.join(root, "node_modules/typescript/bin/tsc")
const compiled = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], { stdio: "inherit" })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)
Fs.rmSync(Path.join(output, "tsconfig.tsbuildinfo"), { force: true })

let marks = 0
for (const entry of Fs.readdirSync(output, { recursive: true, encoding: "utf8" })) {
  if (!entry.endsWith(".js")) continue
  const file = Path.join(output, entry)
  const result = Babel.transformFileSync(file, {
    babelrc: false,
    configFile: false,
    plugins: [deferredReads, annotatePureCalls],
    sourceMaps: true,
    inputSourceMap: JSON.parse(Fs.readFileSync(`${file}.map`, "utf8"))
  })
  if (typeof result?.code !== "string") throw new Error(`Babel gave nothing for ${entry}`)
  Fs.writeFileSync(file, `${result.code}\n//# sourceMappingURL=${Path.basename(file)}.map\n`)
  Fs.writeFileSync(`${file}.map`, JSON.stringify(result.map))
  marks += result.code.split("#__PURE__").length - 1
}
console.log(`${Path.basename(folder)}: ${marks} pure marks`)
