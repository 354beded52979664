/**
 * The names of all tests: `node scripts/testNames.ts`.
 *
 * - With one argument it prints those of a commit: `testNames.ts main`.
 * - With two it prints those that only one of them has, `-` before what only
 *   the first has, `+` before what only the second has, and fails where a name
 *   went: `testNames.ts main .`
 *
 * `.` is the checkout as it is. An argument may also be a file that an earlier
 * run wrote. Names are those that vitest collects, and for each runtime those
 * of the table of cases; a name that occurs twice counts twice.
 */
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "./packages.ts"

const run = (command: string, parameters: ReadonlyArray<string>, cwd: string): string =>
  execFileSync(command, parameters, { cwd, encoding: "utf8", maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "inherit"] })

interface Listed {
  readonly name: string
  readonly file: string
}

/** vitest loads the files and runs no test. */
const namesOfVitest = (folder: string): ReadonlyArray<string> => {
  const vitest = Path.join(folder, "node_modules", "vitest", "vitest.mjs")
  const listed = JSON.parse(run(process.execPath, [vitest, "list", "--json"], folder)) as ReadonlyArray<Listed>
  return listed.map(({ file, name }) => `${Path.relative(folder, file).replaceAll("\\", "/")} > ${name}`)
}

/** The table is read by a process of its own: two commits have two of it. */
const namesOfCases = (folder: string): ReadonlyArray<string> => {
  const at = (file: string): string => JSON.stringify(pathToFileURL(Path.join(folder, "tests", "cases", file)).href)
  const program = `
    const { cases } = await import(${at("index.ts")})
    const { isFor, runtimes } = await import(${at("Case.ts")})
    console.log(JSON.stringify(runtimes.flatMap((runtime) =>
      cases.filter((one) => isFor(one, runtime)).map(({ name }) => runtime + " > " + name)
    )))`
  return JSON.parse(run(process.execPath, ["--input-type=module", "--eval", program], folder))
}

const namesIn = (folder: string): ReadonlyArray<string> =>
  [...namesOfVitest(folder), ...namesOfCases(folder)].toSorted()

/** A commit's names, from a checkout that lives as long as this takes and has packages of its own. */
const namesAt = (commit: string): ReadonlyArray<string> => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-names-"))
  const checkout = Path.join(Fs.realpathSync(folder), "checkout")
  run("git", ["worktree", "add", "--quiet", "--detach", checkout, commit], root)
  try {
    run("npx", ["--yes", "pnpm@12", "install", "--frozen-lockfile", "--prefer-offline", "--silent"], checkout)
    return namesIn(checkout)
  } finally {
    run("git", ["worktree", "remove", "--force", checkout], root)
    Fs.rmSync(folder, { recursive: true, force: true })
  }
}

const namesOf = (argument: string): ReadonlyArray<string> => {
  if (argument === ".") return namesIn(root)
  return Fs.statSync(argument, { throwIfNoEntry: false })?.isFile() === true
    ? Fs.readFileSync(argument, "utf8").split("\n").filter((line) => line !== "")
    : namesAt(argument)
}

/** What `names` has more often than `others`. */
const without = (names: ReadonlyArray<string>, others: ReadonlyArray<string>): ReadonlyArray<string> => {
  const left = new Map<string, number>()
  for (const name of others) left.set(name, (left.get(name) ?? 0) + 1)
  return names.filter((name) => {
    const count = left.get(name) ?? 0
    left.set(name, count - 1)
    return count <= 0
  })
}

const [first = ".", second, ...more] = process.argv.slice(2)
if (more.length > 0) throw new Error("Give one commit or file, or two to compare.")
const before = namesOf(first)
if (second === undefined) {
  for (const name of before) console.log(name)
} else {
  const after = namesOf(second)
  const gone = without(before, after)
  const added = without(after, before)
  for (const name of gone) console.log(`- ${name}`)
  for (const name of added) console.log(`+ ${name}`)
  console.log(`${before.length} names before, ${after.length} after: ${gone.length} gone, ${added.length} new`)
  process.exitCode = gone.length === 0 ? 0 : 1
}
