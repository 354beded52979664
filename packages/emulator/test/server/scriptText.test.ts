/** Programs of SAS and Stata whose texts come from users, read as those programs read texts. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "fast-check"
import { sasScript, stataScript } from "../../src/handlers/scriptText.ts"
import type * as Model from "../../src/store/model.ts"

const hostile = FastCheck.array(
  FastCheck.constantFrom(
    ..."'\"`\\$%&;*/ab1 ",
    "\n",
    "\r",
    "\0",
    "\u001b[2J",
    "\u2028",
    "%sysexec(id)",
    "&name",
    "`id'",
    "$name",
    "${name}",
    "\"'",
    "`\"",
    "; run; x id;"
  ),
  { maxLength: 10 }
).map((list) => list.join(""))

const variable = (name: string, text: string, type: Model.VariableType) =>
  ({
    name,
    type,
    label: text,
    description: text,
    valueLabels: [{ value: text, label: text }, { value: "1", label: text }]
  }) as unknown as Model.Variable // what scripts read of one

const script = (text: string) => ({
  name: "birds",
  filePath: text,
  termstr: undefined,
  lengths: new Map<string, number>(),
  variables: [variable(text, text, "string"), variable(`${text}2`, text, "integer")]
})

const lineOf = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")

/** What is outside of quotes, and the texts that SAS makes of what is inside. */
const readSas = (program: string): { readonly code: string; readonly texts: ReadonlyArray<string> } => {
  const texts: Array<string> = []
  const code = program.replaceAll(/"((?:[^"]|"")*)"|'((?:[^']|'')*)'|["']/g, (all, double, single) => {
    if (double !== undefined) {
      assert.notMatch(double, /[%&]/, `a macro runs in ${all}`)
      texts.push(String(double).replaceAll("\"\"", "\""))
    } else if (single !== undefined) texts.push(String(single).replaceAll("''", "'"))
    else assert.fail(`a quote is open: ${program}`)
    return "@"
  })
  return { code, texts }
}

/** The same of Stata, whose quotes `" and "' nest, and in all of which it replaces macros. */
const readStata = (program: string): { readonly code: string; readonly texts: ReadonlyArray<string> } => {
  const texts: Array<string> = []
  let code = ""
  for (const line of program.split("\n")) {
    for (let at = 0; at < line.length;) {
      const isCompound = line.startsWith("`\"", at)
      if (!isCompound && line[at] !== "\"") {
        code += line[at++]
        continue
      }
      at += isCompound ? 2 : 1
      let text = ""
      for (;;) {
        if (at >= line.length) return assert.fail(`a quote is open: ${line}`)
        if (line[at] === "\\" && (line[at + 1] === "`" || line[at + 1] === "$")) {
          text += line[at + 1]
          at += 2
          continue
        }
        if (line[at] === "`" || line[at] === "$") return assert.fail(`a macro is replaced at ${at}: ${line}`)
        if (isCompound ? line.startsWith("\"'", at) : line[at] === "\"") break
        text += line[at++]
      }
      at += isCompound ? 2 : 1
      texts.push(text)
      code += "@"
    }
    code += "\n"
  }
  return { code, texts }
}

describe("a program of SAS", () => {
  it("is the same code whatever texts say, each of which is one text", () => {
    FastCheck.assert(
      FastCheck.property(hostile, (text) => {
        const { code, texts } = readSas(sasScript(script(text)))
        assert.notMatch(code, /x id|[%&`]/)
        for (const made of texts) assert.include([lineOf(text), ",", "utf-8", "1"], made)
      }),
      { numRuns: 500 }
    )
  })
})

describe("a program of Stata", () => {
  it("is the same code whatever texts say, each of which is one text", () => {
    FastCheck.assert(
      FastCheck.property(hostile, (text) => {
        const { code, texts } = readStata(stataScript(script(text)))
        assert.notMatch(code, /x id|[`]/)
        const plain = (made: string): string => made.replaceAll(/ (?=')| $/g, "")
        for (const made of texts) {
          assert.include(
            [plain(lineOf(text)), ",", "utf-8", "", "YMD"],
            plain(made).replaceAll(/^(true|false|1|0)$/g, "")
          )
        }
      }),
      { numRuns: 500 }
    )
  })
})
