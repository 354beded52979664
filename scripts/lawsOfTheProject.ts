/**
 * Lint rules that oxlint does not have: which package and which room may import
 * what, no `instanceof`, no promises in the core, where Effects are wanted, and
 * no regular expression whose time grows faster than the text that it meets.
 */
import * as Path from "node:path"
import { analyse, type Report } from "scslre"

interface Context {
  readonly filename: string
  readonly report: (finding: { readonly node: unknown; readonly message: string }) => void
}

interface ImportLike {
  readonly source?: { readonly value: unknown } | null
  readonly importKind?: "type" | "value"
  readonly exportKind?: "type" | "value"
}

const root = Path.resolve(import.meta.dirname, "..")

/** From the lowest up: each rests on those before it. */
const rooms = ["contract", "client", "data", "resources", "publishing"]

/** Libraries that one module of the core, with what belongs to it alone, may use: optional peers. */
const optionalPeers: ReadonlyArray<readonly [files: RegExp, library: RegExp]> = [
  [/^data\/(ArrowTable\.ts|arrowTable\/)/, /^@uwdata\/flechette$/],
  [/^data\/(Parquet\.ts|parquet\/)/, /^hyparquet-writer(\/|$)/]
]

const barrels: Record<string, string> = {
  "effect": "effect/Effect",
  "@effect/platform-node": "@effect/platform-node/NodeRuntime",
  "@effect-redivis/core": "@effect-redivis/core/Dataset"
}

/** Why `file`, a path inside the repository, may not import `specifier`; undefined if it may. */
export const refusal = (file: string, specifier: string, typeOnly: boolean): string | undefined => {
  const [folder, name, source, ...inside] = file.split("/")
  if (folder !== "packages" || name === undefined || source !== "src") return undefined
  const example = barrels[specifier]
  if (example !== undefined) return `Import one module, as in "${example}": a bundler keeps what a barrel names.`
  const relative = specifier.startsWith(".")
  if (name !== "emulator" && specifier.startsWith("@effect-redivis/emulator")) {
    return "Only tests, examples and benchmarks may import the emulator."
  }
  if (
    name === "emulator" && specifier.startsWith("@effect-redivis/core/") &&
    !/^@effect-redivis\/core\/(Contract|OpenApi)$/.test(specifier) && !/test/i.test(inside.at(-1) ?? "")
  ) {
    return "The emulator's server sees the contract of the core and nothing else: @effect-redivis/core/Contract, or OpenApi."
  }
  if (name !== "core") return undefined
  if (!relative) {
    return specifier.startsWith("effect/") ||
        optionalPeers.some(([files, library]) => files.test(inside.join("/")) && library.test(specifier))
      ? undefined
      : "The core depends on effect alone, and on nothing of one runtime."
  }
  const target = Path.posix.join("src", ...inside.slice(0, -1), specifier).split("/")
  const isDocument = inside.join("/") === "contract/OpenApi.ts"
  const isWhole = /^src\/contract\/(index|OpenApi)\.ts$/.test(target.join("/"))
  if (isWhole && !typeOnly && inside.length > 1 && !isDocument) {
    return "A bundler would keep the whole contract: import the resource's own file."
  }
  const from = inside.length > 1 ? rooms.indexOf(inside[0]!) : rooms.length
  const to = target.length > 2 ? rooms.indexOf(target[1]!) : rooms.length
  return to > from
    ? `No arrow goes up: ${rooms[from] ?? "this"} may not rest on ${target.slice(1).join("/")}.`
    : undefined
}

interface Comparison {
  readonly operator: string
  readonly right: { readonly name?: string }
}

/** Classes of the runtime itself, of which there is one. */
const globals = new Set(["ArrayBuffer", "Blob", "DOMException", "Error", "Int32Array", "ReadableStream", "Uint8Array"])

const refuseImport = (context: Context) => {
  const file = Path.relative(root, context.filename).split(Path.sep).join("/")
  return (node: ImportLike): void => {
    if (typeof node.source?.value !== "string") return
    const message = refusal(file, node.source.value, node.importKind === "type" || node.exportKind === "type")
    if (message !== undefined) context.report({ node, message })
  }
}

const refuseAsync = (context: Context) => (node: { readonly async?: boolean }): void => {
  if (node.async === true) {
    context.report({
      node,
      message: "The core has no async functions: use Effect.gen, Effect.fnUntraced or tryPromise."
    })
  }
}

interface RegularExpression {
  readonly regex?: { readonly pattern: string; readonly flags: string } | null
}

interface Construction {
  readonly callee: { readonly type: string; readonly name?: string }
}

/** How a repetition makes the time grow, for the person who has to rewrite it. */
const growth = (report: Report): string =>
  report.type === "Self"
    ? "a repetition can match the same text in two ways"
    : report.type === "Trade"
    ? "two repetitions can share the same text in many ways"
    : "it is tried anew from each place of a text that the repetition matches"

/** Why an expression is not linear; undefined where it is proved to be. */
export const superLinear = (pattern: string, flags: string): string | undefined => {
  const { parsed, reports } = analyse({ source: pattern, flags })
  const [worst] = reports
  if (worst === undefined) return undefined
  const part = worst.type === "Trade" ? worst.startQuant.raw : worst.quant.raw
  return `${parsed.pattern.raw} takes more than linear time at ${part}: ${growth(worst)}.`
}

export default {
  meta: { name: "laws" },
  rules: {
    imports: {
      create: (context: Context) => {
        const refuse = refuseImport(context)
        return {
          ImportDeclaration: refuse,
          ImportExpression: refuse,
          ExportAllDeclaration: refuse,
          ExportNamedDeclaration: refuse
        }
      }
    },
    "no-instanceof": {
      create: (context: Context) => ({
        BinaryExpression: (node: Comparison): void => {
          if (node.operator === "instanceof" && !globals.has(node.right.name ?? "")) {
            context.report({
              node,
              message: "instanceof fails over two copies of a package: look at _tag, or use Schema.is or Predicate."
            })
          }
        }
      })
    },
    "linear-regular-expressions": {
      create: (context: Context) => {
        const refuseConstruction = (node: Construction): void => {
          if (node.callee.type === "Identifier" && node.callee.name === "RegExp") {
            context.report({ node, message: "Nobody has proved that an expression made at run time is linear." })
          }
        }
        return {
          Literal: (node: RegularExpression): void => {
            if (node.regex === undefined || node.regex === null) return
            const message = superLinear(node.regex.pattern, node.regex.flags)
            if (message !== undefined) context.report({ node, message })
          },
          NewExpression: refuseConstruction,
          CallExpression: refuseConstruction
        }
      }
    },
    "no-async": {
      create: (context: Context) => {
        const refuse = refuseAsync(context)
        return { FunctionDeclaration: refuse, FunctionExpression: refuse, ArrowFunctionExpression: refuse }
      }
    }
  }
}
