/**
 * Checks the types of every example: each `ts` fence of the docstrings in
 * `packages/<package>/src`, of the READMEs and of `docs`.
 *
 * An example becomes a file of its own whose lines are where they are in the
 * text, so that an error names the line to mend.
 */
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { folderOf, published, root } from "./packages.ts"

export interface Fence {
  /** The file that it stands in, relative to the root. */
  readonly file: string
  /** The line of the text that its code begins at, counted from 1. */
  readonly line: number
  readonly code: string
}

/** The `ts` fences of a text whose lines were freed of what a comment begins them with. */
const fencesOf = (file: string, lines: ReadonlyArray<string>): ReadonlyArray<Fence> => {
  const fences: Array<Fence> = []
  let begin: number | undefined
  for (const [index, line] of lines.entries()) {
    if (begin === undefined) {
      if (/^```ts\s*$/.test(line)) begin = index + 1
    } else if (/^```\s*$/.test(line)) {
      fences.push({ file, line: begin + 1, code: lines.slice(begin, index).join("\n") })
      begin = undefined
    }
  }
  if (begin !== undefined) throw new Error(`${file}:${begin}: this example has no end`)
  return fences
}

/** The examples of a Markdown file. */
export const fencesOfMarkdown = (file: string): ReadonlyArray<Fence> =>
  fencesOf(file, Fs.readFileSync(Path.join(root, file), "utf8").split("\n"))

const fencesOfSource = (file: string): ReadonlyArray<Fence> => {
  let isInside = false
  const lines = Fs.readFileSync(Path.join(root, file), "utf8").split("\n").map((line) => {
    if (/^\s*\/\*\*/.test(line)) isInside = true
    const text = isInside ? line.replace(/^\s*\* ?/, "") : ""
    if (line.includes("*/")) isInside = false
    return text
  })
  return fencesOf(file, lines)
}

const documents = (): ReadonlyArray<string> =>
  [
    "README.md",
    ...Fs.globSync("docs/*.md", { cwd: root }).sort(),
    ...published.map((name) => Path.relative(root, Path.join(folderOf(name), "README.md")))
  ]
    .filter((file) => Fs.existsSync(Path.join(root, file)))

const sources = (): ReadonlyArray<string> =>
  published.flatMap((name) =>
    Fs.globSync("src/**/*.ts", { cwd: folderOf(name) })
      .map((file) => Path.relative(root, Path.join(folderOf(name), file)))
      .sort()
  )

export const allFences = (): ReadonlyArray<Fence> => [
  ...documents().flatMap(fencesOfMarkdown),
  ...sources().flatMap(fencesOfSource)
]

/** `tests` depends on every package, so an example finds what a user would have installed. */
const folder = Path.join(root, "tests", ".types", "docs")

const configuration = {
  extends: "../../../tsconfig.base.json",
  compilerOptions: {
    noEmit: true,
    composite: false,
    declarationMap: false,
    sourceMap: false,
    emitDeclarationOnly: false,
    rewriteRelativeImportExtensions: false,
    // an example ends with the value that it shows
    noUnusedLocals: false,
    types: ["node"],
    typeRoots: ["../../../node_modules/@types"]
  },
  include: ["**/*.ts"]
}

const main = (): number => {
  const fences = allFences()
  Fs.rmSync(folder, { recursive: true, force: true })
  const places = new Map<string, Fence>()
  for (const fence of fences) {
    const place = `${fence.file.replace(/\.(ts|md)$/, "")}/line${fence.line}.ts`
    places.set(place, fence)
    Fs.mkdirSync(Path.dirname(Path.join(folder, place)), { recursive: true })
    Fs.writeFileSync(Path.join(folder, place), `${"\n".repeat(fence.line - 1)}${fence.code}\n`)
  }
  Fs.writeFileSync(Path.join(folder, "tsconfig.json"), JSON.stringify(configuration, undefined, 2))
  const tsc = Path.join(root, "node_modules", "typescript", "bin", "tsc")
  const result = spawnSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], { cwd: folder, encoding: "utf8" })
  if (result.status === 0 && fences.length > 0) {
    console.log(`${fences.length} examples in docstrings, READMEs and docs have the right types`)
    return 0
  }
  if (fences.length === 0) console.log("no example was found")
  for (const line of `${result.stdout}${result.stderr}`.split("\n")) {
    const [, place = "", row, rest] = /^(.+\.ts)\((\d+),\d+\): (.*)$/.exec(line) ?? []
    const fence = places.get(place)
    console.log(fence === undefined ? line : `${fence.file}:${row}: ${rest}`)
  }
  return 1
}

if (import.meta.main) process.exitCode = main()
