/** The core's literals, read by the emulator's own reader of GoogleSQL. */
import * as Query from "@effect-redivis/core/Query"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as FastCheck from "fast-check"
import { type Token, tokenAt } from "../../src/sql/lexer.ts"

const tokensOf = (text: string): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  let at = 0
  for (;;) {
    const token = tokenAt(text, at)
    if (token.kind === "end") return tokens
    tokens.push(token)
    at = token.end
  }
}

/** What ends literals, begins comments, or is no character of its own. */
const nasty = FastCheck.constantFrom(
  ..."'\"`\\\n\r\t\0;#-/* ()rRbBxuU0\u2028\ufeff\u007f",
  "--",
  "/*",
  "*/",
  "'''",
  "\"\"\"",
  "\\'",
  "\\\\",
  "\\x27",
  "\ud83d",
  "\ude00",
  "😀"
)

const anyText = FastCheck.oneof(
  FastCheck.string({ unit: "binary" }),
  FastCheck.array(nasty, { maxLength: 12 }).map((parts) => parts.join(""))
)

const isWhole = (text: string): boolean => !/[\ud800-\udfff]/u.test(text)

describe("a text in SQL", () => {
  it("is one literal, whatever is in it, and refused where it is no text", () => {
    let literals = 0
    FastCheck.assert(
      FastCheck.property(anyText, anyText, (one, other) => {
        const result = Query.toText(Query.sql`select${one}a,${other}${one}--`)
        assert.strictEqual(Result.isSuccess(result), isWhole(one) && isWhole(other))
        if (Result.isFailure(result)) return
        literals++
        assert.deepStrictEqual(tokensOf(result.success).map(({ kind, text }) => [kind, text]), [
          ["name", "select"],
          ["string", one],
          ["name", "a"],
          ["symbol", ","],
          ["string", other],
          ["string", one]
        ])
      }),
      { numRuns: 3000 }
    )
    assert.isAbove(literals, 1000)
  })

  it("is one name where it is marked as a name", () => {
    FastCheck.assert(
      FastCheck.property(anyText, (name) => {
        const result = Query.toText(Query.sql`from ${Query.identifier(name)}`)
        assert.strictEqual(Result.isSuccess(result), isWhole(name) && name !== "" && !name.includes("\0"))
        if (Result.isFailure(result)) return
        assert.deepStrictEqual(tokensOf(result.success).map(({ kind, text }) => [kind, text]), [
          ["name", "from"],
          ["quotedName", name]
        ])
      }),
      { numRuns: 2000 }
    )
  })
})
