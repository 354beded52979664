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

/** The bytes of that many rows, as if all rows had as many. */
const shareOf = ({ numBytes, numRows }: Model.Table, maxResults: number | undefined): number =>
  maxResults === undefined || maxResults >= numRows ? numBytes : numBytes * maxResults / numRows

/** Many rows are not given to who does not sign in. */
export const requireRows: (
  table: Model.Table,
  maxResults: number | undefined,
  call: Call
) => Effect.Effect<void, Unauthorized | QuotaExceeded, Server> = Effect.fnUntraced(function*(table, maxResults, call) {
  const { anonymousBytes } = (yield* Server).settings
  if (call.caller.kind === "anonymous" && shareOf(table, maxResults) > anonymousBytes) {
    return yield* new Unauthorized({
      description: `Results larger than ${anonymousBytes / 1e6}MB are not supported for unauthenticated requests`
    })
  }
  yield* requireReading(call)
})

/** The answer, whose bytes count for the account as they go. */
export const countedAnswer: (whole: Answer, call: Call) => Effect.Effect<Answer, never, Server> = Effect.fnUntraced(
  function*(whole, call) {
    const { clock, readQuota } = yield* Server
    const account = accountOf(call)
    const { body } = whole
    if (body.kind !== "stream") return whole
    const stream = Stream.tap(
      body.stream,
      (chunk) => Effect.sync(() => readQuota.use(account, clock.nowUnsafe(), chunk.length))
    )
    return { ...whole, body: { kind: "stream", stream } }
  }
)

/** An answer of rows, which count as they go. */
export const rowAnswer = (
  rows: Stream.Stream<Uint8Array>,
  format: Model.RowFormat,
  call: Call
): Effect.Effect<Answer, never, Server> =>
  countedAnswer(answer(200, [["content-type", mediaTypeOf(format)]], { kind: "stream", stream: rows }), call)
