/** Rows as bytes of a format, and read sessions. */
import * as Arrow from "@effect-redivis/core/Arrow"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue } from "./assert.ts"
import { setRowOrder } from "./control.ts"
import type { Case } from "./Case.ts"
import { anonymously, withToken } from "./clients.ts"
import { organization, shared, stranger } from "./seeds.ts"

const numbers = shared(organization("numbers", [{
  name: "Numbers",
  tables: [{
    name: "t",
    rows: Array.from({ length: 1000 }, (_, n) => ({ n, word: n % 7 === 0 ? null : `w,${n}` }))
  }]
}]))

const text = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) => Stream.mkString(Stream.decodeText(bytes))

const valuesOf = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>, sentinel: boolean) =>
  Arrow.readStream(bytes, { sentinel }).pipe(
    Stream.map(({ columns, numRows }) => Array.from({ length: numRows }, (_, row) => columns[0]?.at(row))),
    Stream.flattenIterable,
    Stream.runCollect
  )

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => BigInt(from + index))

const inOrder = (values: ReadonlyArray<unknown>) => values.toSorted((one, other) => Number(one) - Number(other))

const linesOf = (table: string) => Effect.map(text(Table.csv(table)), (csv) => csv.trimEnd().split("\n"))

export const rowBytes: ReadonlyArray<Case> = [
  {
    name: "rows of one table come in another order with each request, and in the same one for the same seed",
    run: Effect.gen(function*() {
      const table = `${yield* numbers}.numbers.t`
      const [first, second] = [yield* linesOf(table), yield* linesOf(table)]
      isTrue(first.join() !== second.join(), "the orders differ")
      equal(first.toSorted(), second.toSorted())
      yield* setRowOrder(3)
      equal(yield* linesOf(table), yield* linesOf(table))
    }).pipe(Effect.scoped)
  },
  {
    name: "rows come as csv, lines of JSON and arrow",
    run: Effect.gen(function*() {
      const table = `${yield* numbers}.numbers.t`
      // in no promised order: any three of them
      const three = (yield* text(Table.csv(table, { maxResults: 3 }))).split("\n")
      equal([three.length, three[0], three.at(-1)], [5, "n,word", ""])
      const isNull = (n: number) => n % 7 === 0
      const all = Array.from({ length: 1000 }, (_, n) => isNull(n) ? `${n},` : `${n},"w,${n}"`)
      isTrue(three.slice(1, -1).every((line) => all.includes(line)), "each line is one of the table's")
      const lines = (yield* text(Table.csv(table))).split("\n").slice(1, -1)
      equal(lines.toSorted(), all.toSorted())
      const objects = (yield* text(Table.ndjson(table, { variables: ["word", "n"] }))).trimEnd().split("\n")
      equal(objects.toSorted(), all.map((_, n) => JSON.stringify({ word: isNull(n) ? null : `w,${n}`, n })).toSorted())
      equal(inOrder(yield* valuesOf(Table.arrow(table, { variables: ["n"] }), false)), range(0, 1000))
      const wrong = yield* failsWith(text(Table.csv(table, { variables: ["nothing"] })), "BadRequest")
      equal(wrong.operation, "tables.listRows")
    })
  },
  {
    name: "a read session divides its rows among streams, and each begins where it is told to",
    run: Effect.gen(function*() {
      const table = `${yield* numbers}.numbers.t`
      const session = yield* ReadSession.create({ table }, { streams: 3, variables: ["n"] })
      equal([session.numRows, session.streams.length], [1000, 3])
      const parts = yield* Effect.forEach(session.streams, (stream) => valuesOf(ReadSession.bytes(stream), true), {
        concurrency: 3
      })
      equal(inOrder(parts.flat()), range(0, 1000))
      const [first] = session.streams
      isTrue(first !== undefined, "there is a stream")
      const rest = yield* valuesOf(ReadSession.bytes(first.id, { offset: 300 }), true)
      equal(rest, parts[0]?.slice(300))
      const none = yield* valuesOf(ReadSession.bytes(first, { offset: parts[0]?.length, sentinel: false }), false)
      equal(none, [])
    })
  },
  {
    name: "a read session gives text where that is wanted",
    run: Effect.gen(function*() {
      const table = `${yield* numbers}.numbers.t`
      const read = (format: "csv" | "jsonl") =>
        Effect.gen(function*() {
          const { streams: [stream] } = yield* ReadSession.create({ table }, { format, maxResults: 2 })
          isTrue(stream !== undefined, "there is a stream")
          return yield* text(ReadSession.bytes(stream))
        })
      equal(yield* read("csv"), "n,word\n0,\n1,\"w,1\"\n")
      equal(yield* read("jsonl"), "{\"n\":0,\"word\":null}\n{\"n\":1,\"word\":\"w,1\"}\n")
    })
  },
  {
    name: "a stream is its maker's alone unless its session says otherwise",
    run: Effect.gen(function*() {
      const table = `${yield* numbers}.numbers.t`
      const other = yield* stranger("reader")
      const own = yield* ReadSession.create({ table }, { maxResults: 1 })
      const open = yield* ReadSession.create({ table }, { maxResults: 1, allowAnonymousAccess: true })
      const [hidden] = own.streams
      const [shown] = open.streams
      isTrue(hidden !== undefined && shown !== undefined, "there are streams")
      yield* failsWith(Stream.runDrain(ReadSession.bytes(hidden)).pipe(withToken(other.token)), "NotFound")
      yield* failsWith(Stream.runDrain(ReadSession.bytes(hidden)).pipe(anonymously), "Unauthorized")
      equal(yield* valuesOf(ReadSession.bytes(shown), true).pipe(anonymously), [0n])
    })
  }
]
