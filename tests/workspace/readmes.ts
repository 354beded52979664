/** What READMEs tell people to install, and the programs beside it. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fencesOfMarkdown } from "../../scripts/checkDocs.ts"
import { root } from "../../scripts/packages.ts"

export interface Told {
  readonly file: string
  readonly line: number
  readonly code: string
  /** By the lines of its section, and those of the first section that has any: what whoever reads on has installed. */
  readonly installed: ReadonlySet<string>
  /** What it imports from outside, as it is written. */
  readonly imports: ReadonlyArray<string>
}

/** The package that a path is in. */
export const packageOf = (path: string): string => path.split("/").slice(0, path.startsWith("@") ? 2 : 1).join("/")

const namesIn = (line: string): ReadonlyArray<string> => {
  const [, names] = /^(?:npm install|pnpm add|yarn add|deno add)((?: [^#]+)?)/.exec(line) ?? []
  return (names ?? "").split(" ")
    .filter((name) => name !== "" && !name.startsWith("-"))
    .map((name) => name.replace(/^npm:/, ""))
}

/** The programs of a README. */
export const programsOf = (file: string): ReadonlyArray<Told> => {
  const lines = Fs.readFileSync(Path.join(root, file), "utf8").split("\n")
  const sectionOf = (line: number): number => lines.slice(0, line).filter((text) => text.startsWith("## ")).length
  const named = lines.map((text, index) => ({ names: namesIn(text), section: sectionOf(index + 1) }))
    .filter(({ names }) => names.length > 0)
  return fencesOfMarkdown(file).map(({ code, line }) => {
    const imports = [...code.matchAll(/^(?:import|export) .*? from "([^"./][^"]*)"/gm)].map(([, path = ""]) => path)
    const sections = [sectionOf(line), named[0]?.section]
    return {
      file,
      line,
      code,
      imports: imports.filter((path) => !path.startsWith("node:")),
      installed: new Set(named.flatMap(({ names, section }) => sections.includes(section) ? names : []))
    }
  })
}
