/** Reading over breaks, over several streams, and of uploads that differ. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Query from "@effect-redivis/core/Query"
import * as ReadSession from "@effect-redivis/core/ReadSession"
import * as Retry from "@effect-redivis/core/Retry"
import * as Table from "@effect-redivis/core/Table"
import * as Upload from "@effect-redivis/core/Upload"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "./assert.ts"
import { type Case, Place, seesEnds } from "./Case.ts"
import { anonymously, withToken } from "./clients.ts"
import { during, fault, moveClock, open, until } from "./control.ts"
import { organization, shared, stranger } from "./seeds.ts"

const sevenHours = 7 * 60 * 60 * 1000

const count = 3000

const rowOf = (id: number) => ({ id, text: id % 10 === 0 ? null : `row ${id}`, half: id / 2 })

const table = shared(Effect.map(
  organization("reading", [{
    name: "Read",
    tables: [{ name: "t", rows: Array.from({ length: count }, (_, id) => rowOf(id)) }]
  }]),
  (owner) => `${owner}.read.t`
))

const everyRow = Array.from({ length: count }, (_, id) => rowOf(id))

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const soon = Retry.withPolicy({ maxAttempts: 5, baseDelay: 1 })

export const reading: ReadonlyArray<Case> = [
  {
    name: "rows go on over connections that break, at the first that did not come, once each",
    run: Effect.gen(function*() {
      const reference = yield* table
      yield* fault({ match: "readSessions.getStream", times: 3, do: { cutAfter: 30_000 } })
      const { requests, value: rows } = yield* during(Stream.runCollect(Table.rows(reference)).pipe(soon))
      equal(rows, everyRow)
      const streams = requests.filter(({ operation }) => operation === "readSessions.getStream")
      equal(streams.length, 4)
      const offsets = streams.map(({ query }) => Number(query["offset"]?.[0]))
      isTrue(offsets.every((offset, index) => offset >= (offsets[index - 1] ?? 0)), `${offsets.join(", ")} ascend`)
    }).pipe(Effect.scoped)
  },
  {
    name: "rows of several streams come in order, or as they come",
    run: Effect.gen(function*() {
      const reference = yield* table
      const ordered = yield* during(Stream.runCollect(Table.rows(reference, { streams: 3 })))
      equal(ordered.value, everyRow)
      equal(ordered.requests.filter(({ operation }) => operation === "readSessions.getStream").length, 3)
      const unordered = yield* Stream.runCollect(Table.rows(reference, { streams: 3, ordered: false }))
      equal(unordered.toSorted((one, other) => Number(one["id"]) - Number(other["id"])), everyRow)
      yield* until(open, ({ openStreams }) => openStreams === 0)
    })
  },
  {
    name: "a reading that fails says where it stands, and another goes on from there",
    run: Effect.gen(function*() {
      const reference = yield* table
      yield* fault({ match: "readSessions.getStream", times: 1, after: 1, do: { cutAfter: 20_000 } })
      const seen: Array<unknown> = []
      const failure = yield* Table.rows(reference, { streams: 3 }).pipe(
        Stream.runForEach((row) => Effect.sync(() => void seen.push(row))),
        Retry.withPolicy(Retry.never),
        Effect.flip
      )
      const { runtime } = yield* Place
      equal(failure._tag, seesEnds(runtime) ? "TransportError" : "IntegrityError")
      const text = JSON.stringify(failure.resume)
      const position = Schema.decodeUnknownSync(ReadSession.Position)(JSON.parse(text))
      const rest = yield* Stream.runCollect(ReadSession.resume(position))
      equal([...seen, ...rest], everyRow)
    }).pipe(Effect.scoped)
  },
  {
    name: "a session that expires while it is read ends in a failure, or is renewed where that is allowed",
    run: Effect.gen(function*() {
      const reference = yield* table
      const streams = 3
      const reading = (options: Table.RowsOptions) => {
        const rows: Array<unknown> = []
        return Table.rows(reference, { ...options, streams, batchSize: count / streams }).pipe(
          Stream.runForEachArray((some) =>
            Effect.suspend(() => {
              rows.push(...some)
              return rows.length === count / streams ? moveClock(sevenHours) : Effect.void
            })
          ),
          Effect.result,
          Effect.map((result) => ({ result, rows })),
          Effect.scoped
        )
      }
      const stopped = yield* reading({})
      isTrue(Result.isFailure(stopped.result), "it fails")
      equal(stopped.result.failure._tag, "BadRequest")
      equal(stopped.rows, everyRow.slice(0, count / streams))
      const { requests, value } = yield* during(reading({ onExpiry: ReadSession.renew }))
      isTrue(Result.isSuccess(value.result), "it goes on")
      equal(value.rows, everyRow)
      equal(requests.filter(({ operation }) => operation === "readSessions.postByTable").length, 2)
    })
  },
  {
    name: "streams of a session are read by whom their descriptors reach",
    run: Effect.gen(function*() {
      const reference = yield* table
      const session = yield* ReadSession.create({ table: reference }, { streams: 4, variables: ["HALF", "id"] })
      const texts = session.streams.map((stream) => JSON.stringify(stream))
      const parts = yield* Effect.forEach(texts, (text) => {
        const stream = Schema.decodeUnknownSync(ReadSession.StreamDescriptor)(JSON.parse(text))
        return Stream.runCollect(ReadSession.readStream(stream))
      }, { concurrency: 4 })
      equal(parts.map((rows) => rows.length), [750, 750, 750, 750])
      equal(parts.flat(), everyRow.map(({ half, id }) => ({ half, id })))
      const [first] = session.streams
      isTrue(first !== undefined, "there is a stream")
      equal(
        (yield* Stream.runCollect(ReadSession.streamBatches(first))).reduce((sum, { numRows }) => sum + numRows, 0),
        750
      )
      const other = yield* stranger("elsewhere")
      yield* failsWith(Stream.runDrain(ReadSession.readStream(first)).pipe(withToken(other.token)), "NotFound")
      const text = yield* ReadSession.create({ table: reference }, { format: "csv" })
      const { requests, value } = yield* during(
        failsWith(Stream.runDrain(ReadSession.readStream(text.streams[0]!)), "InvalidInput")
      )
      equal([value.field, requests.length], ["stream", 0])
      yield* failsWith(Stream.runDrain(ReadSession.readStream(first)).pipe(anonymously), "Unauthorized")
      const open = yield* ReadSession.create({ table: reference }, { allowAnonymousAccess: true })
      equal(yield* Stream.runCollect(ReadSession.readStream(open.streams[0]!)).pipe(anonymously), everyRow)
    })
  },
  {
    name: "streams of a query, of an upload and of a draft are read by their descriptors, while the session lives",
    run: Effect.gen(function*() {
      const owner = yield* organization("descriptors")
      yield* Dataset.create({ organization: owner }, { name: "Draft" })
      yield* Table.create(`${owner}.draft`, { name: "t" })
      const draft = `${owner}.draft.t`
      yield* Upload.create(draft, { name: "a.csv", data: encode("x,y\n1,a\n2,b\n") })
      yield* Upload.create(draft, { name: "b.csv", data: encode("z,X\ntrue,2.5\n") })
      const query = yield* Query.run(`select count(*) as n from \`${yield* table}\``)
      const read = (source: ReadSession.Source) =>
        Effect.flatMap(
          ReadSession.create(source, { streams: 2 }),
          ({ streams }) =>
            Effect.forEach(streams, (stream) => {
              const travelled = Schema.decodeUnknownSync(ReadSession.StreamDescriptor)(
                JSON.parse(JSON.stringify(stream))
              )
              return Stream.runCollect(ReadSession.readStream(travelled))
            })
        )
      equal(yield* read({ query }), [[{ n: count }]])
      equal(yield* read({ table: draft, upload: "a.csv" }), [[{ x: 1, y: "a" }], [{ x: 2, y: "b" }]])
      equal(yield* read({ table: draft }), [
        [{ x: 1, y: "a", z: null }, { x: 2, y: "b", z: null }],
        [{ x: 2.5, y: null, z: true }]
      ])
      const { streams: [stream] } = yield* ReadSession.create({ query })
      yield* moveClock(sevenHours)
      yield* failsWith(Stream.runDrain(ReadSession.readStream(stream!)), "BadRequest")
    }).pipe(Effect.scoped)
  },
  {
    name: "uploads of a draft that have different columns and types are one table of rows",
    run: Effect.gen(function*() {
      const owner = yield* organization("differing")
      yield* Dataset.create({ organization: owner }, { name: "Draft" })
      yield* Table.create(`${owner}.draft`, { name: "t" })
      const draft = `${owner}.draft.t`
      yield* Upload.create(draft, { name: "a.csv", data: encode("x,y,day\n1,a,2020-01-02\n2,b,2020-01-03\n") })
      yield* Upload.create(draft, { name: "b.csv", data: encode("z,X\ntrue,2.5\n") })
      const session = yield* ReadSession.create({ table: draft })
      equal([session.numRows, session.streams.length], [3, 2])
      equal(yield* Stream.runCollect(Table.rows(draft)), [
        { x: 1, y: "a", day: "2020-01-02", z: null },
        { x: 2, y: "b", day: "2020-01-03", z: null },
        { x: 2.5, y: null, day: null, z: true }
      ])
      equal(yield* Stream.runCollect(Table.rows(draft, { variables: ["z"] })), [{ z: null }, { z: null }, { z: true }])
      yield* Table.create(`${owner}.draft`, { name: "texts" })
      const texts = `${owner}.draft.texts`
      yield* Upload.create(texts, {
        name: "a.csv",
        data: encode("day,moment,clock\n2020-01-02,2020-01-02T03:04:05.5,03:04:05\n")
      })
      yield* Upload.create(texts, { name: "b.csv", data: encode("day,moment,clock\nnever,never,never\n") })
      equal(yield* Stream.runCollect(Table.rows(texts)), [
        { day: "2020-01-02", moment: "2020-01-02T03:04:05.500000", clock: "03:04:05" },
        { day: "never", moment: "never", clock: "never" }
      ])
    })
  },
  {
    name: "what reading costs is told before, and more rows than may be are refused before any is read",
    run: Effect.gen(function*() {
      const reference = yield* table
      matches(yield* Table.estimate(reference), { rows: count, streams: 1 })
      const some = yield* Table.estimate(reference, { maxResults: count / 2 })
      const all = yield* Table.estimate(reference)
      equal([some.rows, some.bytes], [count / 2, Math.ceil(all.bytes / 2)])
      for (const maxResults of [-5, Number.NaN, 1.5]) {
        const refused = yield* during(failsWith(Table.estimate(reference, { maxResults }), "InvalidInput"))
        equal([refused.value.field, refused.requests], ["maxResults", []])
      }
      const { requests, value } = yield* during(
        failsWith(Stream.runDrain(Table.rows(reference, { maxRows: count - 1 })), "InvalidInput")
      )
      equal(value.field, "maxRows")
      isTrue(value.reason.includes("select count(*) from"), "it says what to do")
      isTrue(requests.every(({ operation }) => operation !== "readSessions.getStream"), "no row is read")
      equal((yield* Stream.runCollect(Table.rows(reference, { maxRows: count }))).length, count)
    })
  },
  {
    name: "more bytes than may be are refused before a session is made, of tables, uploads and queries",
    run: Effect.gen(function*() {
      const reference = yield* table
      const { bytes } = yield* Table.estimate(reference)
      isTrue(bytes > count, "a row has more than a byte")
      const query = yield* Query.run(`select id from \`${reference}\``)
      const owner = yield* organization("weighed")
      yield* Dataset.create({ organization: owner }, { name: "Draft" })
      yield* Table.create(`${owner}.draft`, { name: "t" })
      yield* Upload.create(`${owner}.draft.t`, { name: "a.csv", data: encode("x\n1\n2\n") })
      const { requests, value: failures } = yield* during(Effect.all([
        failsWith(Stream.runDrain(Table.rows(reference, { maxBytes: bytes - 1 })), "InvalidInput"),
        failsWith(Table.columns(reference, { maxBytes: bytes - 1 }), "InvalidInput"),
        failsWith(Stream.runDrain(Query.batches(query, { maxBytes: 0 })), "InvalidInput"),
        failsWith(Stream.runDrain(Upload.batches(`${owner}.draft.t`, "a.csv", { maxBytes: 0 })), "InvalidInput")
      ]))
      equal(failures.map(({ field }) => field), Array.from({ length: 4 }, () => "maxBytes"))
      isTrue(failures[0].reason.includes(`there are ${bytes} bytes`), failures[0].reason)
      isTrue(failures[0].reason.includes(`select count(*) from \`${reference}\``), failures[0].reason)
      isTrue(requests.every(({ operation }) => operation?.startsWith("readSessions.") !== true), "no session is made")
      equal((yield* Stream.runCollect(Table.rows(reference, { maxBytes: bytes }))).length, count)
      const half = { maxBytes: Math.ceil(bytes / 2), maxResults: count / 2 }
      equal((yield* Stream.runCollect(Table.rows(reference, half))).length, count / 2)
    })
  },
  {
    name: "dates and times are values of Temporal where the runtime has it, and else refused unsent",
    run: Effect.gen(function*() {
      const query = yield* Query.run(
        "select date '2020-01-02' as day, time '03:04:05.678901' as clock, datetime '2020-01-02T03:04:05.678' as moment"
      )
      const read = Stream.runCollect(
        Query.rows(query, { values: { date: "temporal", time: "temporal", dateTime: "temporal" } })
      )
      if (Reflect.has(globalThis, "Temporal")) {
        const [row] = yield* read
        equal(Object.values(row ?? {}).map(String), ["2020-01-02", "03:04:05.678901", "2020-01-02T03:04:05.678"])
        equal(Object.values(row ?? {}).map((value) => Object.prototype.toString.call(value)), [
          "[object Temporal.PlainDate]",
          "[object Temporal.PlainTime]",
          "[object Temporal.PlainDateTime]"
        ])
      } else {
        const { requests, value } = yield* during(failsWith(read, "InvalidInput"))
        equal([value.field, requests.length], ["values", 0])
      }
      const [row] = yield* Stream.runCollect(Query.rows(query, { values: { dateTime: "dateTime" } }))
      equal(JSON.stringify(row?.["moment"]), "\"2020-01-02T03:04:05.678Z\"")
    })
  },
  {
    name: "columns are typed arrays, of tables and queries, and a table without rows has them too",
    run: Effect.gen(function*() {
      const reference = yield* table
      const { columns, names, numRows } = yield* Table.columns(reference, {
        variables: ["HALF", "text", "id"],
        values: { integer: "int32" },
        ordered: false,
        streams: 3
      })
      equal([numRows, names], [count, ["half", "text", "id"]])
      const { half, id, text } = columns
      isTrue(id?.type === "integer" && half?.type === "float" && text?.type === "string", "they have their types")
      isTrue(id.values instanceof Int32Array && half.values instanceof Float64Array, "and their arrays")
      equal([...id.values].toSorted((one, other) => one - other), everyRow.map((row) => row.id))
      isTrue(half.values.every((value, row) => value === id.values[row]! / 2), "rows stay together")
      isTrue(text.values.every((value, row) => value === rowOf(id.values[row]!).text), "texts too")
      equal(text.nullCount, count / 10)
      const query = yield* Query.run(`select id, date "2020-01-02" as day from \`${reference}\` where id < 0`)
      const none = yield* Query.columns(query)
      equal([none.numRows, none.columns["id"]?.type, none.columns["day"]?.type], [0, "integer", "date"])
      const owner = yield* organization("columned")
      yield* Dataset.create({ organization: owner }, { name: "Draft" })
      yield* Table.create(`${owner}.draft`, { name: "t" })
      yield* Upload.create(`${owner}.draft.t`, { name: "a.csv", data: encode("x\n1\n2\n") })
      const batches = yield* Stream.runCollect(Upload.batches(`${owner}.draft.t`, "a.csv"))
      equal(
        batches.flatMap(({ columns, numRows }) => Array.from({ length: numRows }, (_, row) => columns[0]!.at(row))),
        [
          1n,
          2n
        ]
      )
    })
  },
  {
    name: "batches hold columns, and a schema decodes rows",
    run: Effect.gen(function*() {
      const reference = yield* table
      const batches = yield* Stream.runCollect(Table.batches(reference, { variables: ["half", "id"] }))
      equal(batches.reduce((sum, { numRows }) => sum + numRows, 0), count)
      matches(batches[0]!.columns[0]!, { name: "half" })
      equal(batches[0]!.columns[1]!.at(7), 7n)
      const Row = Schema.Struct({ id: Schema.Number, text: Schema.NullOr(Schema.String) })
      const rows = yield* Stream.runCollect(Table.rows(reference, { schema: Row, maxResults: 2 }))
      const texts: ReadonlyArray<string | null> = rows.map(({ text }) => text)
      equal(texts, [null, "row 1"])
    })
  }
]
