/** Rows on their way out: who pays for them, and how they are sent. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Answer, answer } from "../http/message.ts"
import { type QuotaExceeded, Unauthorized } from "../http/Refusal.ts"
import { Server } from "../server.ts"
import type * as Model from "../store/model.ts"
import type { Call } from "./handler.ts"

const mediaTypeOf = (format: Model.RowFormat): string => {
  switch (format) {
    case "arrow":
      return "application/vnd.apache.arrow.stream"
    case "csv":
      return "text/csv; charset=utf-8"
    case "ndjson":
    case "jsonl":
      return "application/x-ndjson"
  }
}

const accountOf = (call: Call): string => call.caller.kind === "anonymous" ? "" : call.caller.user.name.toLowerCase()

/** Refuses whose quota of reading is used up. */
export const requireReading: (call: Call) => Effect.Effect<void, QuotaExceeded, Server> = Effect.fnUntraced(
  function*(call) {
    const { readQuota } = yield* Server
    yield* readQuota.require(accountOf(call), yield* Clock.currentTimeMillis)
  }
)

/** Rows of a large table are not given to who does not sign in. */
export const requireRows: (
  table: Model.Table,
  call: Call
) => Effect.Effect<void, Unauthorized | QuotaExceeded, Server> = Effect.fnUntraced(function*(table, call) {
  const { settings } = yield* Server
  if (call.caller.kind === "anonymous" && table.numBytes > settings.anonymousBytes) {
    return yield* new Unauthorized({
      description:
        `Must provide a valid Authorization token to read rows of a table of more than ${settings.anonymousBytes} bytes`
    })
  }
  yield* requireReading(call)
})

/** An answer of rows, which count as they go. */
export const rowAnswer: (
  rows: Stream.Stream<Uint8Array>,
  format: Model.RowFormat,
  call: Call
) => Effect.Effect<Answer, never, Server> = Effect.fnUntraced(function*(rows, format, call) {
  const { clock, readQuota } = yield* Server
  const account = accountOf(call)
  const stream = Stream.tap(rows, (chunk) => Effect.sync(() => readQuota.use(account, clock.nowUnsafe(), chunk.length)))
  return answer(200, [["content-type", mediaTypeOf(format)]], { kind: "stream", stream })
})
