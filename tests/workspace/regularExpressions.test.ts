/** That no regular expression of the packages takes more than linear time of a text that comes from outside. */
import { parseSync, traverse } from "@babel/core"
import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { forbidden } from "../../packages/emulator/src/store/checkSql.ts"
import { plainPath } from "../../packages/emulator/src/sql/parseFrom.ts"
import { superLinear } from "../../scripts/lawsOfTheProject.ts"
import { folderOf, published, root } from "../../scripts/packages.ts"

interface Found {
  readonly place: string
  readonly pattern: string
  readonly flags: string
}

const sources = published.map(folderOf).flatMap((folder) =>
  Fs.readdirSync(Path.join(folder, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => Path.join(folder, "src", file))
)

const expressionsOf = (file: string): ReadonlyArray<Found> => {
  const tree = parseSync(Fs.readFileSync(file, "utf8"), {
    configFile: false,
    babelrc: false,
    parserOpts: { plugins: ["typescript"], sourceType: "module" }
  })
  const found: Array<Found> = []
  traverse(tree, {
    RegExpLiteral: ({ node }) => {
      found.push({
        place: `${Path.relative(root, file)}:${node.loc?.start.line}`,
        pattern: node.pattern,
        flags: node.flags
      })
    }
  })
  return found
}

const literals = sources.flatMap(expressionsOf)

const made = [["checkSql.ts", forbidden], ["parseFrom.ts", plainPath]] as const

const all: ReadonlyArray<Found> = [
  ...literals,
  ...made.map(([place, { flags, source }]) => ({ place, pattern: source, flags }))
]

/** What an expression is slow at is made of what it names: its characters and words, each over and over. */
const piecesOf = (pattern: string): ReadonlyArray<string> => [
  ...new Set([...(pattern.match(/[a-z]{3,}|[^\\()[\]{}^$?|]/gi) ?? []).slice(0, 8), "a", "0", " ", "\n"])
]

const texts = (piece: string, length: number): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length)

/** The least milliseconds of five runs over all texts of a length. */
const costOf = (expression: RegExp, pieces: ReadonlyArray<string>, length: number): number => {
  const inputs = pieces.map((piece) => `${texts(piece, length)}\u0000`)
  const runs = Array.from({ length: 5 }, () => {
    const begin = performance.now()
    for (const input of inputs) input.replace(expression, "")
    return performance.now() - begin
  })
  return Math.min(...runs)
}

describe("the regular expressions of the packages", () => {
  it("are found", () => {
    assert.isAbove(literals.length, 150)
  })

  it("are proved to be linear", () => {
    const slow = all.flatMap(({ flags, pattern, place }) => {
      const reason = superLinear(pattern, flags)
      return reason === undefined ? [] : [`${place}: ${reason}`]
    })
    assert.deepStrictEqual(slow, [])
  })

  it.each([
    "quota|exceed\\w*[^.]*\\b(limit|maximum)",
    "\\s+$",
    "(a+)+$",
    "^(\\d+\\.?\\d*)$",
    "^\\s*(?:x|\\s*y)"
  ])("would not be where they are not: %s", (pattern) => {
    assert.isString(superLinear(pattern, ""))
  })

  it("cost less than sixty-four times as much for sixteen times the text", () => {
    const slow: Array<string> = []
    for (const { flags, pattern, place } of all) {
      const expression = new RegExp(pattern, flags)
      const pieces = piecesOf(pattern)
      // below this a run is over before a clock can tell
      const short = Math.max(costOf(expression, pieces, 500), 0.01 * pieces.length)
      const long = costOf(expression, pieces, 8_000)
      if (long >= 64 * short) slow.push(`${place}: ${short} ms, then ${long} ms`)
    }
    assert.deepStrictEqual(slow, [])
  })
})
