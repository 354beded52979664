/** What SQL takes, told by the compiler. */
import * as Query from "@effect-redivis/core/Query"
import type { InvalidInput, JobFailed, RedivisError } from "@effect-redivis/core/RedivisError"
import type { Redivis } from "@effect-redivis/core/Redivis"
import type * as Reference from "@effect-redivis/core/Reference"
import type * as SqlClient from "@effect-redivis/core/SqlClient"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Reactivity from "effect/reactivity/Reactivity"
import type * as Result from "effect/Result"
import type * as Sql from "effect/sql/SqlClient"
import type { All, Equal, Fits, Not } from "./equal.ts"

export type Values = All<[
  Fits<string | number | bigint | boolean | null | Date | DateTime.DateTime, Query.Value>,
  Fits<ReadonlyArray<string | null>, Query.Value>,
  Fits<ReadonlyArray<Date>, Query.Value>,
  Fits<Reference.TableReference | Reference.DatasetReference, Query.Value>,
  Fits<Query.Sql | Query.Identifier, Query.Value>,
  Not<Fits<undefined, Query.Value>>,
  Not<Fits<symbol, Query.Value>>,
  Not<Fits<() => string, Query.Value>>,
  Not<Fits<{ readonly name: string }, Query.Value>>,
  Not<Fits<ReadonlyArray<ReadonlyArray<string>>, Query.Value>>,
  Not<Fits<ReadonlyArray<Query.Identifier>, Query.Value>>,
  Not<Fits<ReadonlyArray<string | undefined>, Query.Value>>,
  // a text is no SQL that is put together
  Not<Fits<string, Query.Sql>>
]>

export type Functions = All<[
  Equal<ReturnType<typeof Query.sql>, Query.Sql>,
  Equal<ReturnType<typeof Query.toText>, Result.Result<string, InvalidInput>>,
  Equal<Parameters<typeof Query.run>[0], string | Query.Sql>,
  Equal<Parameters<typeof Query.create>[0], string | Query.Sql>,
  Equal<JobFailed["position"], { readonly line: number; readonly column: number } | undefined>,
  Fits<Query.RunError, RedivisError>
]>

/** The client is made from ours alone, and is Effect's alone. */
export type Client = All<[
  Equal<ReturnType<typeof SqlClient.layer>, Layer.Layer<Sql.SqlClient, never, Redivis>>,
  Equal<ReturnType<typeof SqlClient.make>, Effect.Effect<Sql.SqlClient, never, Redivis | Reactivity.Reactivity>>
]>

// @ts-expect-error: a query has text for its values, and no functions
export const wrong = Query.sql`select ${() => 1}`

// @ts-expect-error: a text of one's own is no template
export const untagged = Query.sql("select 1")
