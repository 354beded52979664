/** The bytes of a file, or of a part of it, as a `Response`. */
import * as Effect from "effect/Effect"
import { defined } from "../client/defined.ts"
import { conditional, type Handed, type ResponseOptions, toResponse, untouched, watched } from "../client/handOn.ts"
import { type Executor, openBytes } from "../client/service.ts"
import type * as Operation from "../contract/Operation.ts"
import { type Common, IntegrityError, InvalidInput } from "../contract/RedivisError.ts"
import { beginDownload, checkRange, misplaced, type Range, rangeOf } from "./download.ts"

export interface FileResponseOptions extends ResponseOptions, Range {}

/** A server that takes no ranges sends all, of which a watched body gives the part: the headers tell of that. */
const asPart = (handed: Handed, from: number, to: number | undefined): Handed => {
  const { headers, status } = handed
  const total = Number(headers["content-length"])
  if (status !== 200 || rangeOf(from, to) === undefined || !(total > from) || headers["content-encoding"]) return handed
  const end = Math.min(to ?? total, total)
  return {
    ...handed,
    status: 206,
    headers: { ...headers, "content-length": `${end - from}`, "content-range": `bytes ${from}-${end - 1}/${total}` }
  }
}

/** Sends the operation for these bytes of its file, and gives its answer as a `Response`. */
export const fileResponse = <Op extends Operation.Any>(
  redivis: Executor,
  operation: Op,
  input: (headers: { readonly range?: string }) => Operation.Input<Op>,
  options: FileResponseOptions = {}
): Effect.Effect<Response, Common | Operation.Failure<Op> | IntegrityError> => {
  const { checked, length, offset: from = 0 } = options
  const { name } = operation
  const to = length === undefined ? undefined : from + length
  const wrong = checkRange(name, options) ?? (length === 0
    ? new InvalidInput({ operation: name, field: "length", reason: "is 0: no answer has a part of no bytes" })
    : undefined)
  if (wrong !== undefined) return Effect.fail(wrong)
  if (checked === true) {
    return watched(
      beginDownload<Common | Operation.Failure<Op>>(
        name,
        (range) => openBytes(redivis, conditional(operation), input(defined({ range }))),
        options
      ),
      (handed) => toResponse(asPart(handed, from, to))
    )
  }
  return untouched<Op, IntegrityError>(redivis, operation, input(defined({ range: rangeOf(from, to) })), (handed) => {
    const detail = misplaced(handed, from)
    return detail === undefined
      ? toResponse(handed)
      : Effect.fail(
        new IntegrityError({
          operation: name,
          method: "GET",
          url: handed.url,
          status: handed.status,
          reason: "Size",
          detail
        })
      )
  })
}
