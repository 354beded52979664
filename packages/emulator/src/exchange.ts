/** What origins share: an answer with its faults, and the record of how it went. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Faults from "./Faults.ts"
import {
  type Answer,
  type Delivery,
  type Exchange,
  type HeaderList,
  noBody,
  type ServerRequest
} from "./http/message.ts"
import type { OpenRecord } from "./requestLog.ts"
import { Server } from "./server.ts"

const corrupted = (original: Answer, change: { readonly at: number; readonly xor: number } | undefined): Answer => {
  if (change === undefined || original.body.kind === "none") return original
  let position = 0
  const flip = (chunk: Uint8Array): Uint8Array => {
    const index = change.at - position
    position += chunk.length
    if (index < 0 || index >= chunk.length) return chunk
    const copy = chunk.slice()
    copy[index] = copy[index]! ^ change.xor
    return copy
  }
  return {
    ...original,
    body: original.body.kind === "bytes"
      ? { kind: "bytes", bytes: flip(original.body.bytes) }
      : { kind: "stream", stream: Stream.map(original.body.stream, flip) }
  }
}

const afterFault = (effects: Faults.Effects | undefined, whole: Answer): Delivery =>
  effects === undefined
    ? { kind: "answer", answer: whole }
    : Faults.delivered(effects, corrupted(Faults.altered(effects, whole), Faults.corruption(effects)))

/** As `Date` headers write a time: whole seconds. */
const dateOf = (time: number): string => new Date(time).toUTCString()

/** The body counts as it is read. */
export const counted = (request: ServerRequest, record: OpenRecord): ServerRequest => ({
  ...request,
  body: Stream.tap(request.body, (chunk) => Effect.sync(() => record.received(chunk.length)))
})

/** Handles a request unless a fault does something else, and tells what carries the answer whom to call back. */
export const respond: <R>(options: {
  readonly request: ServerRequest
  readonly record: OpenRecord
  readonly faults: Faults.Effects | undefined
  readonly handle: Effect.Effect<Answer, never, R>
  /** Beside those that every answer has. */
  readonly headers: HeaderList
  /** When the limit's window ends, or when else a request may come again. */
  readonly windowEnd: number
}) => Effect.Effect<Exchange, never, R | Server> = Effect.fnUntraced(function*(options) {
  const { clock, settings } = yield* Server
  const { faults, record, request } = options
  if (faults?.delay !== undefined) yield* Effect.sleep(Faults.delayOf(faults))
  const isReplaced = faults !== undefined && Faults.replaces({ ...faults, handled: false })
  const handled = faults !== undefined && Faults.replaces(faults) ? undefined : yield* options.handle
  const inner = isReplaced || handled === undefined
    ? Faults.replacement(faults ?? {}, {
      form: faults?.rateLimitHeaders ?? settings.rateLimitHeaders,
      method: request.method,
      now: clock.nowUnsafe(),
      windowEnd: options.windowEnd
    })
    : handled
  const delivery = afterFault(faults, {
    ...inner,
    body: request.method === "HEAD" ? noBody : inner.body,
    headers: [
      ["date", dateOf(clock.nowUnsafe())],
      ...options.headers,
      ...inner.headers
    ]
  })
  if (delivery.kind === "answer") record.answered(delivery.answer.status, delivery.answer.body.kind === "stream")
  return {
    delivery,
    finished: () => record.ended("finished"),
    aborted: () => record.ended("aborted")
  }
})

/** An answer that is neither counted nor recorded. */
export const unrecorded = (reply: Answer): Exchange => ({
  delivery: { kind: "answer", answer: reply },
  finished: () => {},
  aborted: () => {}
})
