/** What is not wanted any more is let go of. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue } from "./assert.ts"
import { type Case, Place } from "./Case.ts"
import { apart, within } from "./clients.ts"
import { during, fault, lastRequest, open, requestsAfter, until } from "./control.ts"
import { organization, shared } from "./seeds.ts"

const numRows = 25_000

/** Several batches. */
const long = shared(Effect.map(
  organization("long", [{
    name: "Long",
    tables: [{
      name: "t",
      text: `n,text\n${Array.from({ length: numRows }, (_, n) => `${n},t`).join("\n")}`,
      type: "delimited"
    }]
  }]),
  (owner) => `${owner}.long.t`
))

/** So many bytes of the rows come, which are one batch at least, and then nothing more. */
const stalls = fault({ match: "readSessions.getStream", times: 1, do: { stallAfter: 200_000 } })

const nothingOpen = until(
  open,
  ({ openStreams, unfinishedResponses }) => openStreams === 0 && unfinishedResponses === 0
)

export const interruption: ReadonlyArray<Case> = [
  {
    name: "a call that is interrupted gives up its request",
    run: Effect.gen(function*() {
      yield* fault({ match: "users.me", times: 1, do: { delay: 20_000 } })
      const seen = requestsAfter(yield* lastRequest)
      const fiber = yield* Effect.forkChild(User.me())
      yield* until(seen, ({ length }) => length > 0)
      yield* Fiber.interrupt(fiber)
      yield* nothingOpen
      equal((yield* seen).map(({ outcome }) => outcome), ["aborted"])
    }).pipe(Effect.scoped)
  },
  {
    name: "rows that are not wanted any more free their socket, whether they are waited for or not",
    run: Effect.gen(function*() {
      const table = yield* long
      for (const onRow of [Effect.never, Effect.void]) {
        yield* stalls
        const { requests: seen } = yield* during(Effect.gen(function*() {
          let read = 0
          const fiber = yield* Effect.forkChild(
            Stream.runForEach(Table.rows(table), () => {
              read++
              return onRow
            })
          )
          yield* until(Effect.sync(() => read), (count) => count > 0)
          equal((yield* open).openStreams, 1)
          yield* Fiber.interrupt(fiber)
          yield* nothingOpen
        }))
        const streams = seen.filter(({ operation }) => operation === "readSessions.getStream")
        equal(streams.map(({ outcome }) => outcome), ["aborted"])
      }
    }).pipe(Effect.scoped)
  },
  {
    name: "rows of several streams that are interrupted free all their sockets within a second",
    run: Effect.gen(function*() {
      const table = yield* long
      const { runtime } = yield* Place
      const options = { streams: 3, ordered: false }
      for (
        const reading of [
          Table.rows(table, options),
          Stream.map(Table.batches(table, options), ({ numRows }) => ({ numRows }))
        ]
      ) {
        for (const onRow of [Effect.never, Effect.void]) {
          yield* Effect.gen(function*() {
            yield* fault({ match: "readSessions.getStream", times: 3, do: { stallAfter: 100_000 } })
            const { requests: seen } = yield* during(Effect.gen(function*() {
              const fiber = yield* Effect.forkChild(Stream.runForEach(reading, () => onRow))
              yield* until(open, ({ openStreams }) => openStreams === 3)
              yield* Fiber.interrupt(fiber)
              let asked = 0
              // each question waits 20 ms; Chromium at times lets go of what was aborted some seconds later
              yield* until(open, ({ openStreams }) => openStreams === 0 || (++asked === 50 && runtime !== "chromium"))
              equal((yield* open).openStreams, 0)
            }))
            const streams = seen.filter(({ operation }) => operation === "readSessions.getStream")
            equal(streams.map(({ outcome }) => outcome), ["aborted", "aborted", "aborted"])
          }).pipe(Effect.scoped)
        }
      }
      yield* nothingOpen
    })
  },
  {
    name: "the first rows free their socket once they are there",
    run: Effect.gen(function*() {
      const table = yield* long
      yield* stalls
      const first = yield* Stream.runCollect(Stream.take(Table.rows(table, { variables: ["text", "n"] }), 2))
      equal(first.map(({ n }) => n), [0, 1])
      yield* fault({ match: "tables.listRows", times: 1, do: { stallAfter: 1000 } })
      equal((yield* Stream.runCollect(Stream.take(Table.csv(table), 1))).length, 1)
      yield* nothingOpen
    }).pipe(Effect.scoped)
  },
  {
    name: "rows that do not come are a TransportError, and rows that are not wanted yet are none",
    run: Effect.gen(function*() {
      const table = yield* long
      yield* stalls
      const failure = yield* failsWith(Stream.runDrain(Table.rows(table)), "TransportError").pipe(
        Retry.withPolicy(Retry.never),
        within({ idleTimeout: 300 })
      )
      equal([failure.reason, failure.status], ["IdleTimeout", 200])
      yield* nothingOpen
      let rows = 0
      yield* Stream.runForEach(Table.rows(table), (row) =>
        Effect.suspend(() => {
          isTrue(row["n"] === rows, `row ${rows} is ${row["n"]}`)
          rows++
          return rows === 1 ? Effect.sleep(1300) : Effect.void
        })).pipe(within({ idleTimeout: 1000 }))
      equal(rows, numRows)
    }).pipe(Effect.scoped)
  },
  {
    name: "errors leave nothing open",
    run: Effect.gen(function*() {
      const owner = yield* organization("nothing")
      yield* Effect.forEach(
        Array.from({ length: 100 }, (_, index) => index),
        (index) => failsWith(Dataset.get(`${owner}.none${index}`), "NotFound"),
        { concurrency: 20 }
      )
      yield* nothingOpen
      const { api } = yield* open
      isTrue(api <= 40, `${api} sockets are open`)
    }).pipe((self) => apart()(self))
  }
]
