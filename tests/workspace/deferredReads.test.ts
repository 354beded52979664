import * as Babel from "@babel/core"
import { assert, describe, it } from "@effect/vitest"
import annotatePureCalls from "babel-plugin-annotate-pure-calls"
import { build } from "esbuild"
import { deferredReads } from "../../scripts/deferredReads.ts"

/** What is left of a module of which `used` alone is wanted, after the plugins of the build. */
const bundled = async (source: string): Promise<string> => {
  const marked = Babel.transformSync(`import * as Schema from "./schema.js"\n${source}\nexport const used = "used"`, {
    babelrc: false,
    configFile: false,
    plugins: [deferredReads, annotatePureCalls]
  })
  const modules: Record<string, string> = {
    "./library.js": marked?.code ?? "",
    "./schema.js": "export const Struct = (fields) => ({ fields })\nexport const Text = Struct({})\n"
  }
  const result = await build({
    stdin: { contents: `export { used } from "./library.js"` },
    bundle: true,
    write: false,
    format: "esm",
    minify: true,
    plugins: [{
      name: "memory",
      setup: ({ onLoad, onResolve }) => {
        onResolve({ filter: /^\.\// }, ({ path }) => ({ path, namespace: "memory", sideEffects: false }))
        onLoad({ filter: /.*/, namespace: "memory" }, ({ path }) => ({ contents: modules[path] ?? "" }))
      }
    }]
  })
  return result.outputFiles[0]!.text // one entry gives one file
}

describe("the build's marks", () => {
  it.each([
    ["a call", "export const unused = Schema.Struct({ name: Schema.Text })"],
    [
      "a spread in a call",
      "const base = { a: Schema.Text }\nexport const unused = Schema.Struct({ ...base, ghost: 1 })"
    ],
    [
      "a property read in a call",
      "const Base = Schema.Struct({})\nexport const unused = Schema.Struct({ a: Base.fields })"
    ],
    ["an object of spreads", "const base = { a: Schema.Text }\nexport const unused = { ...base, ghost: 1 }"],
    ["a class", "const base = { a: 1 }\nexport class Unused extends Schema.Struct({ ...base })({ ghost: 1 }) {}"]
  ])("let %s that nobody uses vanish", async (_, source) => {
    assert.strictEqual((await bundled(source)).trim(), `var e="used";export{e as used};`)
  })

  it("leave what runs in functions as it is", () => {
    const source = "export const join = (a, b) => ({ ...a, ...b });"
    const marked = Babel.transformSync(source, { babelrc: false, configFile: false, plugins: [deferredReads] })
    assert.strictEqual(marked?.code?.replace(/\s+/g, " "), "export const join = (a, b) => ({ ...a, ...b });")
  })
})
