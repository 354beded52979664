/**
 * Where the parser stands in a query.
 *
 * @since 0.1.0
 */
import { type Token, tokenAt } from "./lexer.ts"
import { refuse } from "./SqlError.ts"
import type { Name } from "./syntax.ts"

/** Names that mean something in GoogleSQL's grammar unless they stand between backticks. */
const reserved = new Set(
  `ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE CURRENT
   DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING FOR FROM FULL
   GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP
   MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE RECURSIVE
   RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST USING WHEN
   WHERE WINDOW WITH WITHIN`.split(/\s+/)
)

/** Levels of nesting that are followed, so that no query exhausts the stack. */
const deepest = 160

export class Cursor {
  readonly source: string
  /** Names that parameters have here, in lower case. */
  readonly parameters: ReadonlySet<string>
  private current: Token
  private following: Token | undefined
  private depth = 0

  constructor(source: string, parameters: ReadonlySet<string> = new Set()) {
    this.source = source
    this.parameters = parameters
    this.current = tokenAt(source, 0)
  }

  get token(): Token {
    return this.current
  }

  get at(): number {
    return this.current.start
  }

  get next(): Token {
    this.following ??= tokenAt(this.source, this.current.end)
    return this.following
  }

  /** Takes the token. */
  take(): Token {
    const taken = this.current
    this.current = this.next
    this.following = undefined
    return taken
  }

  /** Goes on at an offset: for what is not cut into the usual tokens. */
  moveTo(at: number): void {
    this.current = tokenAt(this.source, at)
    this.following = undefined
  }

  isWord(...words: ReadonlyArray<string>): boolean {
    return this.current.kind === "name" && words.includes(this.current.upper)
  }

  isNextWord(...words: ReadonlyArray<string>): boolean {
    return this.next.kind === "name" && words.includes(this.next.upper)
  }

  isSymbol(...symbols: ReadonlyArray<string>): boolean {
    return this.current.kind === "symbol" && symbols.includes(this.current.text)
  }

  isNextSymbol(symbol: string): boolean {
    return this.next.kind === "symbol" && this.next.text === symbol
  }

  /** A word that is not reserved, or anything between backticks. */
  get isName(): boolean {
    return this.current.kind === "quotedName" || (this.current.kind === "name" && !reserved.has(this.current.upper))
  }

  word(word: string): boolean {
    if (!this.isWord(word)) return false
    this.take()
    return true
  }

  symbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false
    this.take()
    return true
  }

  expectWord(word: string): Token {
    return this.isWord(word) ? this.take() : this.unexpected(word)
  }

  expectSymbol(symbol: string): Token {
    return this.isSymbol(symbol) ? this.take() : this.unexpected(`"${symbol}"`)
  }

  name(what: string): Name {
    if (!this.isName) {
      if (this.current.kind === "name") {
        refuse(
          `Syntax error: expected ${what} but got the keyword ${this.current.upper}; as a name it goes between backticks`,
          this.at
        )
      }
      this.unexpected(what)
    }
    const { start: at, text } = this.take()
    return { name: text, at }
  }

  /** Behind a dot even keywords are names. */
  anyName(what: string): Name {
    if (this.current.kind !== "name" && this.current.kind !== "quotedName") this.unexpected(what)
    const { start: at, text } = this.take()
    return { name: text, at }
  }

  unexpected(expected: string): never {
    const { kind, text } = this.current
    const shown = text.length > 30 ? `${text.slice(0, 30)}…` : text
    const got = kind === "end"
      ? "the end of the query"
      : kind === "string"
      ? `the text ${JSON.stringify(shown)}`
      : kind === "name" || kind === "quotedName"
      ? `${reserved.has(this.current.upper) ? "the keyword " : ""}${shown}`
      : JSON.stringify(shown)
    return refuse(`Syntax error: expected ${expected} but got ${got}`, this.at)
  }

  /** Runs `parse` one level deeper. */
  nested<A>(parse: () => A): A {
    if (++this.depth > deepest) {
      refuse(`This query is nested more than ${deepest} levels deep; take parts of it out into WITH`, this.at)
    }
    const parsed = parse()
    this.depth--
    return parsed
  }
}
