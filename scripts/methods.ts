/**
 * `docs/methods.md`: every method of the API and the function that sends it,
 * from the contract and from the table of the wire, whose rows a test runs.
 *
 * `node scripts/methods.ts` fails where the file says anything else; with
 * `--write` it writes it.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Contract from "../packages/core/src/contract/index.ts"
import { documentationOf } from "../packages/core/src/contract/OpenApi.ts"
import * as Core from "../packages/core/src/index.ts"
import { root } from "./packages.ts"

const file = "docs/methods.md"

const wire = Path.join(root, "tests/wire")

interface Row {
  readonly operation: string
  readonly call: { readonly function: string }
}

const rows: ReadonlyArray<Row> = Fs.readdirSync(wire)
  .filter((name) => name !== "request.json")
  .flatMap((name) => JSON.parse(Fs.readFileSync(Path.join(wire, name), "utf8")) as ReadonlyArray<Row>) // by hand

const member = (name: string): unknown => {
  const [module = "", inner = ""] = name.split(".")
  return Reflect.get(Reflect.get(Core, module) ?? {}, inner)
}

/** The functions that send an operation, with the stream beside its page-wise form. */
const functionsOf = (operation: Contract.Operation.Any): ReadonlyArray<string> => {
  const called = rows.filter((row) => row.operation === operation.name).map(({ call }) => call.function)
  const all = called.flatMap((name) => {
    const whole = name.replace(/Page$/, "")
    return typeof member(whole) === "function" ? [whole, name] : [name]
  })
  const missing = all.find((name) => typeof member(name) !== "function")
  if (called.length === 0) throw new Error(`tests/wire has no row for ${operation.name}`)
  if (missing !== undefined) throw new Error(`${operation.name}: @effect-redivis/core exports no ${missing}`)
  return [...new Set(all)]
}

const linkTo = (name: string): string => {
  const [module = ""] = name.split(".")
  return `[\`${name}\`](../packages/core/src/resources/${module}.ts)`
}

const scopesOf = ({ anonymous, scopes }: Contract.Operation.Any): string =>
  scopes.length === 0
    ? "any token"
    : `${scopes.map((scope) => `\`${scope}\``).join(" or ")}${
      anonymous ? ", or no token for up to 100 MB of what is public" : ""
    }`

const errorsOf = ({ failures }: Contract.Operation.Any): string =>
  failures.map((failure) => `\`${failure.fields._tag.schema.literal}\``).join(", ")

const title = ["method", "function", "verb and path", "scope", "errors", "stage"] as const

const cellsOf = (operation: Contract.Operation.Any): ReadonlyArray<string> => [
  operation.documentation === undefined
    ? `\`${operation.name}\``
    : `[\`${operation.name}\`](${documentationOf(operation)})`,
  functionsOf(operation).map(linkTo).join(", "),
  `\`${operation.method} ${operation.path}\``,
  scopesOf(operation),
  errorsOf(operation),
  operation.stage
]

/** Columns as wide as their widest cell, which is how the format wants them. */
const table = (lines: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = title.map((_, column) => Math.max(3, ...lines.map((cells) => cells[column]!.length)))
  const print = (cells: ReadonlyArray<string>): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`
  return [
    print(lines[0]!),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...lines.slice(1).map(print)
  ]
}

const resourceOf = ({ name }: Contract.Operation.Any): string => name.split(".", 1)[0]!

const text = (): string => {
  const operations: ReadonlyArray<Contract.Operation.Any> = Contract.operations
  const resources = [...new Set(operations.map(resourceOf))].sort()
  const lines = [
    "# Methods",
    "",
    `Every method of the API, ${operations.length} in all, and the function that sends it. Written by \`node scripts/methods.ts --write\` from the contract; \`pnpm check\` fails where it is outdated.`,
    "",
    "Any one of the scopes suffices, and so does a wider one of its group; what is public needs a token of any scope. Without a token the service answers rows alone, as it is known. The errors are those of the method's own, beside [those that every call has](../README.md#errors). A function named twice serves several methods and chooses by its argument."
  ]
  for (const resource of resources) {
    const own = operations.filter((operation) => resourceOf(operation) === resource)
    lines.push("", `## ${resource}`, "", ...table([title, ...own.map(cellsOf)]))
  }
  return `${lines.join("\n")}\n`
}

const path = Path.join(root, file)
const expected = text()
const found = Fs.existsSync(path) ? Fs.readFileSync(path, "utf8") : ""
if (process.argv.includes("--write")) {
  Fs.mkdirSync(Path.dirname(path), { recursive: true })
  Fs.writeFileSync(path, expected)
} else if (found !== expected) {
  console.log(`outdated: ${file}\nRun: node scripts/methods.ts --write`)
  process.exitCode = 1
}
