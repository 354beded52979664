/** From a statement of Effect's `sql` to the text of a query: what is shown has placeholders, what is sent has the values. */
import * as Result from "effect/Result"
import * as Statement from "effect/sql/Statement"
import { InvalidInput } from "../../contract/RedivisError.ts"
import { identifier } from "./literal.ts"
import { makeWriter } from "./template.ts"

/** The text that is sent, or why none is. */
export type Sent = Result.Result<string, InvalidInput>

interface Compiled {
  readonly shown: string
  readonly params: ReadonlyArray<unknown>
  readonly sent: Sent
}

/** `IN` of nothing: an empty list is no list in GoogleSQL, an empty array is an array. */
const nothing = "UNNEST([])"

const writes = new InvalidInput({
  field: "sql",
  reason: "has a helper that inserts or updates, which the service has no SQL for; upload rows to a table instead"
})

const compile = (fragment: Statement.Fragment): Compiled => {
  const writer = makeWriter()
  const params: Array<unknown> = []
  let shown = ""
  let problem: InvalidInput | undefined
  const addText = (text: string): void => {
    shown += text
    writer.addText(text)
  }
  const addValue = (value: unknown, shownAs: string, field: string): void => {
    shown += shownAs
    problem ??= writer.addValue(value, field)
  }
  const addParameter = (value: unknown): void => {
    addValue(value, "?", `sql.params[${params.length}]`)
    params.push(value)
  }
  const addSegment = (segment: Statement.Segment): void => {
    switch (segment._tag) {
      case "Literal":
        addText(segment.value)
        if (segment.params !== undefined && segment.params.length > 0) {
          params.push(...segment.params)
          problem ??= new InvalidInput({
            field: "sql.params",
            reason:
              "stand beside a text that is sent as it is, in which nothing takes them; use sql`…` with the values in it"
          })
        }
        return
      case "Identifier":
        return addValue(identifier(segment.value), `\`${segment.value}\``, `the name ${JSON.stringify(segment.value)}`)
      case "Parameter":
        return addParameter(segment.value)
      case "ArrayHelper":
        if (segment.value.length === 0) return addText(nothing)
        addText("(")
        for (const [index, value] of segment.value.entries()) {
          if (index > 0) addText(", ")
          if (Statement.isFragment(value)) value.segments.forEach(addSegment)
          else addParameter(value)
        }
        return addText(")")
      case "Custom":
        problem ??= new InvalidInput({
          field: "sql",
          reason: `has a segment of the kind ${JSON.stringify(segment.kind)}, which is another database's`
        })
        return
      default:
        problem ??= writes
    }
  }
  fragment.segments.forEach(addSegment)
  return { shown, params, sent: problem === undefined ? Result.succeed(writer.finish()) : Result.fail(problem) }
}

export interface Compiler {
  readonly compiler: Statement.Compiler
  /** What is sent for a text and parameters that the compiler gave. */
  readonly sentFor: (shown: string, params: ReadonlyArray<unknown>) => Sent
}

/**
 * Spans and logs get what the compiler gives, so that has the values apart; what
 * is sent is found again by the identity of the parameters.
 */
export const makeCompiler = (): Compiler => {
  const known = new WeakMap<Statement.Fragment, Compiled>()
  const sent = new WeakMap<ReadonlyArray<unknown>, Sent>()
  const compiler: Statement.Compiler = {
    // as GoogleSQL it has names in backticks and escapes with backslashes; no other dialect is nearer
    dialect: "mysql",
    compile: (fragment) => {
      let compiled = known.get(fragment)
      if (compiled === undefined) {
        compiled = compile(fragment)
        known.set(fragment, compiled)
        sent.set(compiled.params, compiled.sent)
      }
      return [compiled.shown, compiled.params]
    },
    get withoutTransform() {
      return compiler
    }
  }
  return {
    compiler,
    sentFor: (shown, params) =>
      sent.get(params) ??
        (params.length === 0 ? Result.succeed(shown) : Result.fail(
          new InvalidInput({ field: "sql.params", reason: "are of no statement of this client; use sql`…`" })
        ))
  }
}
