/** Which arrays columns come in, as the caller chose. */
import type { Column, Values } from "../../src/data/Columns.ts"
import type { All, Equal, Fits, Not } from "./equal.ts"

type ArrayOf<V extends Values, Type> = Extract<Column<V>, { readonly type: Type }>["values"]

export type Chosen = All<[
  Equal<ArrayOf<{}, "integer">, Float64Array>,
  Equal<ArrayOf<{ readonly integer: "number" }, "integer">, Float64Array>,
  Equal<ArrayOf<{ readonly integer: "int32" }, "integer">, Int32Array>,
  Equal<ArrayOf<{ readonly integer: "bigint" }, "integer">, BigInt64Array>,
  Equal<ArrayOf<{ readonly integer: "bigint" }, "time">, BigInt64Array>,
  Equal<ArrayOf<{ readonly time: "number" }, "time">, Float64Array>,
  Equal<ArrayOf<{ readonly dateTime: "number" }, "dateTime">, Float64Array>,
  Equal<ArrayOf<{}, "dateTime">, BigInt64Array>,
  Equal<ArrayOf<{}, "date">, Int32Array>,
  Equal<ArrayOf<{}, "boolean">, Uint8Array>
]>

/** A choice that is made at run time may be any. */
export type Open = All<[
  Equal<ArrayOf<Values, "integer">, Float64Array | Int32Array | BigInt64Array>,
  Equal<ArrayOf<{ readonly integer?: "int32" }, "integer">, Float64Array | Int32Array>,
  Equal<ArrayOf<{ readonly integer: undefined }, "integer">, Float64Array>
]>

export type Refused = All<[
  Fits<{ readonly integer: "int32" }, Values>,
  Not<Fits<{ readonly integer: "text" }, Values>>,
  Not<Fits<{ readonly dateTime: "text" }, Values>>
]>
