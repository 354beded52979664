/** What a value of a row can be, as the caller chose. */
import type * as DateTime from "effect/DateTime"
import type { Row, Value, Values } from "../../src/data/rowValues.ts"
import type { All, Equal, Fits, Not } from "./equal.ts"

/** What is known of them where a program's types do not have `Temporal`, as those of the tests do not. */
interface Temporal {
  readonly [Symbol.toStringTag]: string
  toString(): string
  toJSON(): string
}

type Plain = null | boolean | number | string

export type Chosen = All<[
  Equal<Value, Plain>,
  Equal<Value<{}>, Plain>,
  Equal<Value<{ readonly integer: "number" }>, Plain>,
  Equal<Value<{ readonly integer: "bigint" }>, Plain | bigint>,
  Equal<Value<{ readonly date: "text" }>, Plain>,
  Equal<Value<{ readonly date: "days" }>, Plain>,
  Equal<Value<{ readonly time: "text" }>, Plain>,
  Equal<Value<{ readonly time: "micros" }>, Plain | bigint>,
  Equal<Value<{ readonly dateTime: "text" }>, Plain>,
  Equal<Value<{ readonly dateTime: "micros" }>, Plain | bigint>,
  Equal<Value<{ readonly integer: "number"; readonly time: "text"; readonly dateTime: "text" }>, Plain>,
  Equal<Value<{ readonly dateTime: "dateTime" }>, Plain | DateTime.Utc>,
  Equal<Value<{ readonly date: "temporal" }>, Plain | Temporal>,
  Equal<Value<{ readonly time: "temporal"; readonly integer: "bigint" }>, Plain | bigint | Temporal>,
  Equal<Value<{ readonly dateTime: "temporal" }>, Plain | Temporal>,
  Equal<Row<{ readonly integer: "bigint" }>, { readonly [name: string]: Plain | bigint }>
]>

/** A choice that is made at run time may be the one that gives a `bigint`. */
export type Open = All<[
  Equal<Value<Values>, Plain | bigint | DateTime.Utc | Temporal>,
  Equal<Value<{ readonly integer?: "bigint" }>, Plain | bigint>,
  Equal<Value<{ readonly time: "text" | "micros" }>, Plain | bigint>,
  Equal<Value<{ readonly date?: "text" | "days" | undefined }>, Plain>,
  Equal<Value<{ readonly integer: undefined }>, Plain>
]>

export type Refused = All<[
  Fits<{ readonly integer: "bigint" }, Values>,
  Not<Fits<{ readonly integer: "text" }, Values>>,
  Not<Fits<{ readonly date: "micros" }, Values>>,
  Not<Fits<{ readonly time: "days" }, Values>>,
  Not<Fits<{ readonly dateTime: "days" }, Values>>,
  Not<Fits<{ readonly date: "dateTime" }, Values>>,
  Not<Fits<{ readonly integer: "temporal" }, Values>>
]>
