/**
 * Texts of a server that are written into other languages, and read back by a
 * reader of that language that shares nothing with what writes them. Of
 * TypeScript see schemaSource.test.ts, of SQL sql.test.ts.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "fast-check"
import * as RedivisError from "../src/contract/RedivisError.ts"
import { log } from "../src/client/call/log.ts"
import * as Logger from "effect/Logger"
import { makeLogOnce } from "../src/client/Warnings.ts"
import { RowCacheError } from "../src/data/rowCache/store.ts"
import * as Codebook from "../src/publishing/Codebook.ts"
import * as Metadata from "../src/publishing/Metadata.ts"
import { described, table, variable } from "./publishing/describing.ts"

const parts = [
  ..."'\"`\\/<>&{}[]()$%#~^_=+-@*;:,.|!? ab1",
  "\0",
  "\t",
  "\n",
  "\r",
  "\r\n",
  "\u001b[2J",
  "\u001b]0;title\u0007",
  "\u009b31m",
  "\u0085",
  "\u2028",
  "\u2029",
  "\u202e",
  "\u2066",
  "</script>",
  "<!--",
  "<script>",
  "-->",
  "]]>",
  "*/",
  "//",
  "\\\\",
  " and ",
  "$(id)",
  "`id`",
  "=1+1",
  "ä",
  "日本",
  "🐧"
]

const hostile = FastCheck.array(FastCheck.constantFrom(...parts), { maxLength: 12 }).map((list) => list.join(""))

const check = (property: FastCheck.IProperty<unknown>, numRuns = 500): void =>
  FastCheck.assert(property as FastCheck.IProperty<[string]>, { numRuns })

/** Whether a terminal would do anything but show it, or a log have more than one line of it. */
const actsOnTerminals = (text: string): boolean =>
  [...text].some((character) => {
    const code = character.codePointAt(0)!
    return code < 32 || (code >= 127 && code < 160) || code === 0x2028 || code === 0x2029 ||
      (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
  })

const answered = (text: string) => ({
  operation: text,
  method: text,
  url: text,
  status: 400,
  error: text,
  errorDescription: text,
  warnings: [text]
})

/** Every error, with a text of the server wherever it has one. */
const errors = (text: string): ReadonlyArray<{ readonly message: string }> => [
  new RedivisError.InvalidInput({ field: text, reason: text, operation: text }),
  new RedivisError.BadRequest(answered(text)),
  new RedivisError.QuotaExceeded(answered(text)),
  new RedivisError.Unauthorized(answered(text)),
  new RedivisError.Forbidden(answered(text)),
  new RedivisError.InsufficientScope({ ...answered(text), scope: [text], amrValues: [text] }),
  new RedivisError.NotFound(answered(text)),
  new RedivisError.TooManyRequests(answered(text)),
  new RedivisError.InternalServerError(answered(text)),
  new RedivisError.ServiceUnavailable(answered(text)),
  new RedivisError.UnexpectedStatus(answered(text)),
  new RedivisError.TransportError({
    operation: text,
    method: text,
    url: text,
    reason: "Connection",
    beforeSending: true,
    description: text
  }),
  new RedivisError.DecodeError({ operation: text, path: text, expected: text, value: text }),
  new RedivisError.CoercionError({ operation: text, column: text, value: text, expected: text }),
  new RedivisError.IntegrityError({ operation: text, reason: "Hash", detail: text }),
  new RedivisError.JobFailed({ kind: text, id: text, errorMessage: text }),
  new RedivisError.JobCancelled({ kind: text, id: text }),
  new RedivisError.DeadlineExceeded({ kind: text, id: text, status: text }),
  new RedivisError.VerificationFailed({ table: text, reason: "Content", detail: text }),
  new RedivisError.PlanOutdated({ dataset: text, tables: [text] }),
  new RowCacheError({ method: text, cause: new Error(text) })
]

describe("a text of the server", () => {
  it("breaks no line and steers no terminal out of an error's message, and is whole in its fields", () => {
    check(
      FastCheck.property(hostile, (text) => {
        for (const error of errors(text)) {
          assert.isFalse(actsOnTerminals(error.message), JSON.stringify(error.message))
        }
        const [, refused] = errors(text)
        assert.strictEqual(Reflect.get(refused!, "errorDescription"), text)
      }),
      200
    )
    const { message } = new RedivisError.JobFailed({ kind: "query", id: "q", errorMessage: "at\n[1:2] \u001b[31mred" })
    assert.include(message, "at [1:2] \\x1b[31mred")
  })

  it("is one line of a log, also as a warning", () =>
    Effect.runPromise(Effect.gen(function*() {
      const lines: Array<string> = []
      const taking = Logger.layer([Logger.make(({ message }) => void lines.push(...[message].flat().map(String)))])
      const text = "read\u001b[2J this\r\n[00:00:00] INFO: all is well\u2028\u009b"
      yield* Effect.provide(Effect.andThen(log("Warn", text), makeLogOnce().warn({ operation: "x", text })), taking)
      assert.strictEqual(lines.length, 2)
      for (const line of lines) assert.isFalse(actsOnTerminals(line), JSON.stringify(line))
    })))

  it("is one word of the command that repeats a request", () => {
    /** The words of a command, as POSIX has them in quotes. */
    const wordsOf = (command: string): ReadonlyArray<string> => {
      const words: Array<string> = []
      let word: string | undefined
      for (let at = 0; at < command.length; at++) {
        const mark = command[at]!
        if (mark === "'") {
          const end = command.indexOf("'", at + 1)
          if (end < 0) return assert.fail(`a quote is open in ${command}`)
          word = (word ?? "") + command.slice(at + 1, end)
          at = end
        } else if (mark === "\"") {
          const end = command.indexOf("\"", at + 1)
          word = (word ?? "") + command.slice(at + 1, end)
          at = end
        } else if (mark === "\\") word = (word ?? "") + command[++at]!
        else if (mark === " ") {
          if (word !== undefined) words.push(word)
          word = undefined
        } else if (/[$`;&|<>()\n#*?[\]{}~!]/.test(mark)) return assert.fail(`${mark} is bare in ${command}`)
        else word = (word ?? "") + mark
      }
      return word === undefined ? words : [...words, word]
    }
    check(FastCheck.property(hostile, hostile, (text, method) => {
      const url = `https://redivis.com/api/v1/${text}`
      const command = RedivisError.toCurl(new RedivisError.NotFound({ ...answered(text), url, method }))
      assert.isFalse(actsOnTerminals(command), JSON.stringify(command))
      const words = wordsOf(command)
      assert.strictEqual(words[0], "curl")
      assert.strictEqual(
        words.at(-1),
        url.replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, encodeURIComponent)
      )
      const unsent = RedivisError.toCurl(new RedivisError.InvalidInput({ field: "x", reason: "y", operation: text }))
      assert.isTrue(unsent.startsWith("# ") && !actsOnTerminals(unsent))
    }))
  })
})

const describedBy = (text: string): Metadata.Description => ({
  dataset: {
    ...described.dataset,
    name: text,
    doi: text,
    url: text,
    description: text,
    labels: [text],
    owner: { kind: "organization", name: text, fullName: text },
    version: { tag: text }
  },
  tables: [{
    table: table(text, { description: text, url: text }),
    variables: [
      variable(text, text, { label: text, description: text, valueLabels: [{ value: text, label: text }] })
    ]
  }]
})

describe("metadata of hostile texts", () => {
  it("in a page are one element, whose text is the JSON", () => {
    check(FastCheck.property(hostile, FastCheck.constantFrom("schema.org", "croissant"), (text, format) => {
      const value = Metadata.jsonLd(describedBy(text), { format: format as "schema.org" | "croissant" })
      const element = Metadata.scriptElement(value)
      const [, inside] = /^<script type="application\/ld\+json">([^<>&\u2028\u2029]*)<\/script>$/.exec(element) ??
        assert.fail(element)
      assert.deepStrictEqual(JSON.parse(inside!), JSON.parse(JSON.stringify(value)))
    }))
    assert.notInclude(Metadata.scriptElement("</script><!--").slice(1, -9), "<")
  })

  it("take no time that is none for a date", () => {
    for (const time of [NaN, Infinity, 8.64e15 + 1, 1e20, -1e20]) {
      const odd = {
        ...described,
        dataset: { ...described.dataset, createdAt: time, updatedAt: time, temporalRange: [time, time] as const }
      } as Metadata.Description
      const text = JSON.stringify([Metadata.jsonLd(odd), Metadata.citation(odd.dataset, { format: "bibtex" })])
      for (const word of ["NaN", "Invalid", "Infinity", "datePublished", "temporalCoverage"]) {
        assert.notInclude(text, word)
      }
    }
    const far = { ...described, dataset: { ...described.dataset, updatedAt: Date.UTC(12_345, 5, 7) } }
    assert.deepInclude(Metadata.jsonLd(far) as object, { dateModified: "+012345-06-07" })
  })

  /** Fields of the one entry of a text, as BibTeX reads them: a value ends where its braces are even again. */
  const entryOf = (text: string): { readonly key: string; readonly fields: Record<string, string> } => {
    const head = /^@misc\{([a-z0-9_]*),\n/.exec(text) ?? assert.fail(`no entry: ${text}`)
    const fields: Record<string, string> = {}
    let at = head[0].length
    for (;;) {
      const name = /^\s*([a-z]+) = \{/.exec(text.slice(at)) ?? assert.fail(`no field at ${at}: ${text}`)
      at += name[0].length
      const start = at
      for (let depth = 1; depth > 0; at++) {
        if (at >= text.length) assert.fail(`a brace is open: ${text}`)
        if (text[at] === "{") depth++
        if (text[at] === "}") depth--
      }
      assert.notProperty(fields, name[1]!)
      fields[name[1]!] = text.slice(start, at - 1)
      if (text.slice(at) === "\n}\n") return { key: head[1]!, fields }
      assert.strictEqual(text[at], ",", text)
      at++
    }
  }

  /** The text that LaTeX sets for a value. */
  const setBy = (value: string): string => {
    const inner = value.startsWith("{") && value.endsWith("}") ? value.slice(1, -1) : value
    return inner.replaceAll(/\\text([a-z]+)\{\}|\\([{}$&#%_])|([\\{}$&#%_~^])/g, (all, name, mark) =>
      name !== undefined
        ? { backslash: "\\", asciitilde: "~", asciicircum: "^", braceleft: "{", braceright: "}" }[String(name)] ?? "?"
        : mark ?? assert.fail(`${all} means something in ${value}`))
  }

  it("are an entry of BibTeX with each field whole", () => {
    check(FastCheck.property(hostile, hostile, (text, author) => {
      const { dataset } = describedBy(text)
      const { fields } = entryOf(Metadata.citation(dataset, { format: "bibtex", authors: [author, author] }))
      const plain = (value: string): string => value.replaceAll(/[\s\p{Cc}]+/gu, " ")
      assert.strictEqual(setBy(fields["title"]!), plain(text))
      const names = fields["author"]!.split(/(?<=\}) and (?=\{)/)
      assert.strictEqual(setBy(names[0]!).slice(0, plain(author).length), plain(author))
      for (const name of ["url", "doi"]) {
        if (fields[name] !== undefined) assert.notMatch(fields[name], /[\s{}\\"<>]/)
      }
    }))
    assert.isFalse(actsOnTerminals(Metadata.citation(describedBy("a\u001b[2Jb\nc").dataset)))
  })

  /** Records of a CSV, as RFC 4180 has it. */
  const recordsOf = (text: string): ReadonlyArray<ReadonlyArray<string>> => {
    const records: Array<Array<string>> = []
    let at = 0
    while (at < text.length) {
      const record: Array<string> = []
      for (;;) {
        let cell = ""
        if (text[at] === "\"") {
          at++
          for (; text[at] !== "\"" || text[at + 1] === "\""; at++) {
            if (text[at] === "\"") at++
            cell += text[at] ?? assert.fail("a quote is open")
          }
          at++
        } else for (; at < text.length && text[at] !== "," && text[at] !== "\r"; at++) cell += text[at]
        record.push(cell)
        if (text[at] !== ",") break
        at++
      }
      assert.strictEqual(text.slice(at, at + 2), "\r\n", JSON.stringify(text))
      at += 2
      records.push(record)
    }
    return records
  }

  it("are cells of a CSV, and no formulas where that is asked for", () => {
    check(FastCheck.property(hostile, (text) => {
      const { tables } = describedBy(text)
      const [header, ...rows] = recordsOf(Codebook.table(tables, { format: "csv" }))
      assert.strictEqual(header?.length, 6)
      assert.deepStrictEqual(rows, [[text, text, text, text, text, `${text} = ${text}`]])
      const [, guarded] = recordsOf(Codebook.table(tables, { format: "csv", formulas: "quote" }))
      for (const [index, cell] of guarded!.entries()) {
        assert.notMatch(cell, /^[=+\-@\t\r\n＝＋－＠]/)
        assert.include([rows[0]![index], `'${rows[0]![index]}`], cell)
      }
    }))
    const cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "a=1", "'=1", ""]
    const first = cells.map((text) => {
      const [, row] = recordsOf(Codebook.table(describedBy(text).tables, { format: "csv", formulas: "quote" }))
      return row![0]
    })
    assert.deepStrictEqual(first, [...cells.slice(0, 9).map((text) => `'${text}`), ...cells.slice(9)])
  })
})
