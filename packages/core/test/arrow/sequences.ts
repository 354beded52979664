/** Sequences of messages by hand, and what must come of each: the right values, or a typed refusal. */
import { assert, it } from "@effect/vitest"
import type { ReaderOptions } from "../../src/data/arrow/streamReader.ts"
import type { Value } from "../../src/data/Arrow.ts"
import { exact, failureOf, readAll, valuesOf } from "./reading.ts"
import * as W from "./writing.ts"

export const f = W.fields
export const numbers = (...values: ReadonlyArray<number>): W.ColumnSpec => W.columns.numbers(values)
export const batch = (...values: ReadonlyArray<number>): Uint8Array =>
  W.recordBatch(values.length, [numbers(...values)])
export const schema = W.schema([f.int("n", 32)])
export const kind = f.dictionary(f.utf8("kind"), 4)
export const indices = (...values: ReadonlyArray<number | null>): Uint8Array =>
  W.recordBatch(values.length, [W.columns.numbers(values, Int8Array)])
export const dictionary = (...texts: ReadonlyArray<string>): Uint8Array =>
  W.dictionaryBatch(4, texts.length, W.columns.texts(texts))

/** Messages one after the other, and what reading them gives. */
export interface Case {
  readonly name: string
  readonly bytes: ReadonlyArray<Uint8Array>
  readonly options?: ReaderOptions
  /** The values of each column; for a refusal, those before it. */
  readonly values?: ReadonlyArray<ReadonlyArray<Value>>
  readonly rows?: ReadonlyArray<number>
  /** A part of what the failure says. */
  readonly failure?: string
}

/** Reads each at once and byte by byte. */
export const holds = (cases: ReadonlyArray<Case>): void => {
  for (const { bytes, failure, name, options, rows, values } of cases) {
    it(`${name}: ${failure === undefined ? "the right values" : "refused"}`, () => {
      const whole = W.concat(...bytes)
      for (const chunks of [[whole], Array.from(whole, (byte) => Uint8Array.of(byte))]) {
        const outcome = readAll(chunks, options)
        if (failure === undefined) assert.strictEqual(failureOf(outcome), "none")
        else assert.isTrue(failureOf(outcome).startsWith(failure), failureOf(outcome))
        if (rows !== undefined) assert.deepStrictEqual(outcome.batches.map(({ numRows }) => numRows), [...rows])
        if (values !== undefined) {
          assert.deepStrictEqual(
            valuesOf(outcome.batches).map((column) => column.map(exact)),
            values.map((column) => column.map(exact))
          )
        }
      }
    })
  }
}
