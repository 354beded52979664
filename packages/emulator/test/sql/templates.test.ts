/** What `Query.sql` makes of values, read by two lexers of which neither is its own. */
import * as Query from "@effect-redivis/core/Query"
import { Dialect, tokenize } from "@polyglot-sql/sdk"
import { assert, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as FastCheck from "fast-check"
import { type Token, tokenAt } from "../../src/sql/lexer.ts"
import { times } from "../times.ts"

const ours = (text: string): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  for (let token = tokenAt(text, 0); token.kind !== "end"; token = tokenAt(text, token.end)) tokens.push(token)
  return tokens
}

/** The kinds of another program's tokens, in which names and texts are alike whatever they hold. */
const others = (text: string): ReadonlyArray<string> | undefined => {
  const { success, tokens } = tokenize(text, Dialect.BigQuery)
  // its declarations call it tokenType
  const kindOf = (token: object): unknown => new Map(Object.entries(token)).get("token_type")
  return success ? tokens?.map((token) => String(kindOf(token))) : undefined
}

const hostile = FastCheck.array(
  FastCheck.constantFrom(
    ..."'\"`\\-#/*;\n\r\t\0 (),=0aAéß鳥😀\u2028\u00a0",
    "'''",
    "\"\"\"",
    "\\'",
    "\\\\",
    "--",
    "/*",
    "*/",
    "r'",
    "' or 1=1 --",
    "\\x27",
    "\\047",
    "\\u0027",
    "; drop table a"
  ),
  { maxLength: 8 }
).map((pieces) => pieces.join(""))

/** Parts of a query as a program has them, some of which open what a value may not stand in. */
const part = FastCheck.array(
  FastCheck.constantFrom(
    ..." \n,()=+.;",
    " select ",
    " a ",
    "'it''s'",
    "\"--\"",
    "r'x'",
    "'''a'b'''",
    "`a b`",
    "/* ' */",
    "-- \"\n",
    "# `\n",
    "12",
    "0.5",
    "x",
    "'",
    "\"",
    "`",
    "/*",
    "--",
    "'''",
    "r\"",
    "b'"
  ),
  { maxLength: 5 }
).map((pieces) => pieces.join(""))

const write = (strings: ReadonlyArray<string>, values: ReadonlyArray<Query.Value>) =>
  Query.toText(Query.sql(Object.assign([...strings], { raw: strings }), ...values))

it("no value of a random template changes a token but its own", () => {
  let changed = 0
  let written = 0
  let compared = 0
  FastCheck.assert(
    FastCheck.property(
      FastCheck.array(FastCheck.tuple(part, hostile), { minLength: 1, maxLength: 4 }),
      part,
      FastCheck.boolean(),
      (pairs, last, isName) => {
        const strings = [...pairs.map(([text]) => text), last]
        const given = pairs.map(([, value]) => value)
        const make = (text: string): Query.Value => isName ? Query.identifier(text) : text
        const [plain, found] = [write(strings, given.map(() => make("v"))), write(strings, given.map(make))]
        if (Result.isFailure(plain) || Result.isFailure(found)) {
          // whether it is refused is the template's matter, or that of names which are none
          assert.isTrue(isName || Result.isFailure(plain) === Result.isFailure(found))
          return
        }
        const wanted = Result.try(() => ours(plain.success))
        // the parts of a template may be no SQL
        if (Result.isFailure(wanted)) return
        written++
        const kind = isName ? "quotedName" : "string"
        const tokens = ours(found.success)
        assert.deepStrictEqual(tokens.map((token) => token.kind), wanted.success.map((token) => token.kind))
        const places = wanted.success.flatMap((token, index) =>
          token.kind === kind && token.text === "v" ? [index] : []
        )
        assert.deepStrictEqual(places.map((index) => tokens[index]!.text), given)
        changed +=
          tokens.filter((token, index) => !places.includes(index) && token.text !== wanted.success[index]!.text).length
        // where quotes of a template touch a value, lexers differ on whose they are
        if (strings.some((text, index) => /['"`]$/.test(text) && index < given.length || /^['"`]/.test(text))) return
        // and the other one lets comments nest, which those of BigQuery do not
        if (strings.join("").split("/*").length > 2) return
        const other = others(plain.success)
        if (other === undefined) return
        compared++
        assert.deepStrictEqual(others(found.success), other, found.success)
      }
    ),
    { numRuns: 3000 * times, ...(times === 1 ? { seed: 20_261_130 } : {}) }
  )
  assert.strictEqual(changed, 0)
  assert.isAbove(written, 400)
  assert.isAbove(compared, 200)
})
