/** What it takes to serve an operation, and how far the operation's own words hold the handler to it. */
import type { Operation } from "@effect-redivis/core/Contract"
import type * as Effect from "effect/Effect"
import type { Answer } from "../http/message.ts"
import * as Refusal from "../http/Refusal.ts"
import type { Caller } from "../policy/caller.ts"
import type { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import type { Store } from "../store/Store.ts"
import type { ImportFailed, QueryFailed, StoreConflict, StoreInvalid, StoreNotFound } from "../store/StoreError.ts"

/** What a handler knows of a request beside its input. */
export interface Call {
  readonly caller: Caller
  /** What the query says of how references are to be read. */
  readonly lookup: Model.LookupOptions
  /** Rows that a fault sends beyond those that were asked for. */
  readonly overrun: number
  /** Tells a person something beside the answer. */
  readonly warn: (text: string) => void
}

/**
 * What a handler gives: the value of a JSON answer, a text, nothing (or for a
 * HEAD with headers of its own the answer), or for bytes the answer itself.
 */
export type Outcome<Op extends Operation.Any> = Op["kind"] extends "json" ? Operation.Success<Op>
  : Op["kind"] extends "text" ? string
  : Op["kind"] extends "none" ? void | Answer
  : Answer

type Tag<Op extends Operation.Any> = Operation.Failure<Op>["_tag"]

/** What the operation says that it can fail with, as the server and the store call it. */
export type Failures<Op extends Operation.Any> =
  | Refusal.Common
  | Extract<Refusal.Any, { readonly _tag: Tag<Op> }>
  | ("NotFound" extends Tag<Op> ? StoreNotFound : never)
  | ("BadRequest" extends Tag<Op> ? StoreConflict | StoreInvalid | ImportFailed | QueryFailed : never)

export interface Handler<Op extends Operation.Any> {
  readonly operation: Op
  readonly handle: (input: Operation.Input<Op>, call: Call) => Effect.Effect<Outcome<Op>, Failures<Op>, Store | Server>
}

/** Any handler, to one who has decoded the input by the operation's schemas. */
export interface AnyHandler {
  readonly operation: Operation.Any
  readonly handle: (
    input: never,
    call: Call
  ) => Effect.Effect<
    unknown,
    Refusal.Any | StoreNotFound | StoreConflict | StoreInvalid | ImportFailed | QueryFailed,
    Store | Server
  >
}

export const handler = <Op extends Operation.Any>(operation: Op, handle: Handler<Op>["handle"]): Handler<Op> => ({
  operation,
  handle
})

/** What a caller is told of what the store refused. */
export const toRefusal = (
  failure: Refusal.Any | StoreNotFound | StoreConflict | StoreInvalid | ImportFailed | QueryFailed
): Refusal.Any => {
  switch (failure._tag) {
    case "StoreNotFound":
      return Refusal.notFound(failure.kind, failure.reference)
    case "StoreInvalid":
      return new Refusal.BadRequest({ description: `${failure.field}: ${failure.message}` })
    case "StoreConflict":
    case "ImportFailed":
    case "QueryFailed":
      return new Refusal.BadRequest({ description: failure.message })
    default:
      return failure
  }
}
