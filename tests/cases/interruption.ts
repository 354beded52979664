/** What is not wanted any more is let go of. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as User from "@effect-redivis/core/User"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue } from "./assert.ts"
import type { Case } from "./Case.ts"
import { apart } from "./clients.ts"
import { during, fault, open, requests, until } from "./control.ts"
import { organization, shared } from "./seeds.ts"

/** 16 MB of text: more than sockets hold for a reader who does not read. */
const wide = shared(Effect.map(
  organization("wide", [{
    name: "Wide",
    tables: [{
      name: "t",
      text: `n,text\n${Array.from({ length: 16_000 }, (_, n) => `${n},${"x".repeat(1000)}`).join("\n")}`,
      type: "delimited"
    }]
  }]),
  (owner) => `${owner}.wide.t`
))

const nothingOpen = until(
  open,
  ({ openStreams, unfinishedResponses }) => openStreams === 0 && unfinishedResponses === 0
)

export const interruption: ReadonlyArray<Case> = [
  {
    name: "a call that is interrupted gives up its request",
    run: Effect.gen(function*() {
      yield* fault({ match: "users.me", times: 1, do: { delay: 20_000 } })
      const before = (yield* requests).length
      const fiber = yield* Effect.forkChild(User.me())
      yield* until(requests, ({ length }) => length > before)
      yield* Fiber.interrupt(fiber)
      yield* nothingOpen
      equal((yield* requests).slice(before).map(({ outcome }) => outcome), ["aborted"])
    }).pipe(Effect.scoped)
  },
  {
    name: "rows that are not wanted any more free their socket",
    run: Effect.gen(function*() {
      const table = yield* wide
      const { requests: seen, value } = yield* during(Effect.gen(function*() {
        let read = 0
        const fiber = yield* Effect.forkChild(
          Stream.runForEach(Table.rows(table), () => {
            read++
            return Effect.never
          })
        )
        yield* until(open, ({ openStreams }) => openStreams === 1)
        yield* until(Effect.sync(() => read), (count) => count === 1)
        yield* Fiber.interrupt(fiber)
        yield* nothingOpen
        return read
      }))
      equal(value, 1)
      equal(seen.filter(({ operation }) => operation === "readSessions.getStream").map(({ outcome }) => outcome), [
        "aborted"
      ])
    })
  },
  {
    name: "the first rows of a large table free their socket once they are there",
    run: Effect.gen(function*() {
      const table = yield* wide
      const first = yield* Stream.runCollect(Stream.take(Table.rows(table, { variables: ["text", "n"] }), 2))
      equal(first.map(({ n }) => n), [0, 1])
      const csv = yield* Stream.runCollect(Stream.take(Table.csv(table), 1))
      isTrue(csv.length === 1, "one chunk")
      yield* nothingOpen
    })
  },
  {
    name: "a consumer that is slow loses nothing",
    run: Effect.gen(function*() {
      const table = yield* wide
      let rows = 0
      yield* Stream.runForEach(Table.rows(table), (row) =>
        Effect.suspend(() => {
          isTrue(row["n"] === rows, `row ${rows} is ${row["n"]}`)
          rows++
          return rows % 2000 === 0 ? Effect.sleep(10) : Effect.void
        }))
      equal(rows, 16_000)
      yield* nothingOpen
    })
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
