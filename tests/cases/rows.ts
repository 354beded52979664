/** Rows of tables as objects: every type, exact. */
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith } from "./assert.ts"
import type { Case } from "./Case.ts"
import { during } from "./control.ts"
import { organization, shared } from "./seeds.ts"

const names = ["s", "i", "f", "b", "d", "dt", "t", "g"]

const types = ["string", "integer", "float", "boolean", "date", "dateTime", "time", "geography"] as const

const variables = names.map((name, index) => ({ name, type: types[index] }))

/** In the order of the variables: what is seeded, and what comes back. */
const values = [
  ["", 0, 0, false, "1970-01-01", "1970-01-01T00:00:00", "00:00:00", "POINT(1 2)"],
  [
    "Ünïcødé 🐧\n\"quoted\", and a line",
    9007199254740991,
    0.1,
    true,
    "2024-02-29",
    "2020-01-02T03:04:05.678901",
    "23:59:59.999999",
    "POLYGON((0 0, 1 0, 1 1, 0 0))"
  ],
  [
    "x".repeat(5000),
    -9007199254740991,
    -1.7976931348623157e308,
    null,
    "0001-01-01",
    "0001-01-01T00:00:00.000001",
    "12:00:00.5",
    null
  ],
  [null, null, null, null, null, null, null, null],
  ["null", -1, 5e-324, true, "9999-12-31", "9999-12-31T23:59:59.999999", "00:00:00.000001", "POINT(-180 90)"]
] as const

const record = (row: ReadonlyArray<string | number | boolean | null>) =>
  Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))

const typed = shared(organization("types", [{
  name: "Typed",
  publicAccessLevel: "data",
  tables: [
    { name: "all", variables, rows: values.map(record) },
    {
      name: "large",
      variables: [{ name: "id", type: "integer" }],
      text: "id\n1\n9007199254740992\n-9223372036854775808\n",
      type: "delimited"
    },
    { name: "none", variables }
  ]
}]))

/** Times come back without a fraction, or with one of six digits. */
const expected = values.map(record).map((row) => row["t"] === "12:00:00.5" ? { ...row, t: "12:00:00.500000" } : row)

export const rows: ReadonlyArray<Case> = [
  {
    name: "rows of all eight types and nulls are exact",
    run: Effect.gen(function*() {
      const owner = yield* typed
      const { requests, value: all } = yield* during(Stream.runCollect(Table.rows(`${owner}.typed.all`)))
      equal(all, expected)
      equal(Object.keys(all[0] ?? {}), names)
      equal(requests.map(({ operation }) => operation), [
        "variables.listByTable",
        "readSessions.postByTable",
        "readSessions.getStream"
      ])
    })
  },
  {
    name: "rows give integers, dates and times as exact numbers where that is wanted",
    run: Effect.gen(function*() {
      const owner = yield* typed
      const all = yield* Stream.runCollect(Table.rows(`${owner}.typed.all`, {
        variables: ["i", "d", "dt", "t"],
        values: { integer: "bigint", date: "days", dateTime: "micros", time: "micros" }
      }))
      equal<unknown>(all, [
        { i: 0n, d: 0, dt: 0n, t: 0n },
        { i: 9007199254740991n, d: 19782, dt: 1577934245678901n, t: 86399999999n },
        { i: -9007199254740991n, d: -719162, dt: -62135596799999999n, t: 43200500000n },
        { i: null, d: null, dt: null, t: null },
        { i: -1n, d: 2932896, dt: 253402300799999999n, t: 1n }
      ])
      const large = yield* Stream.runCollect(Table.rows(`${owner}.typed.large`, { values: { integer: "bigint" } }))
      equal<unknown>(large.map(({ id }) => id), [1n, 9007199254740992n, -9223372036854775808n])
    })
  },
  {
    name: "an integer beyond 2^53 is a CoercionError after the rows before it, never another number",
    run: Effect.gen(function*() {
      const owner = yield* typed
      const rows: Array<unknown> = []
      const failure = yield* failsWith(
        Stream.runForEach(Table.rows(`${owner}.typed.large`), (row) => Effect.sync(() => rows.push(row))),
        "CoercionError"
      )
      equal([failure.column, failure.row, failure.value], ["id", 1, "9007199254740992"])
      equal(rows, [{ id: 1 }])
      const first = yield* Stream.runCollect(Table.rows(`${owner}.typed.large`, { maxResults: 1 }))
      equal(first, [{ id: 1 }])
    })
  },
  {
    name: "rows come in the variables and the number that are wanted",
    run: Effect.gen(function*() {
      const owner = yield* typed
      const some = yield* Stream.runCollect(Table.rows(`${owner}.typed.all`, { variables: ["T", "S"], maxResults: 2 }))
      equal(some, expected.slice(0, 2).map(({ s, t }) => ({ s: s ?? null, t: t ?? null })))
      equal(Object.keys(some[0] ?? {}), ["t", "s"])
      equal(yield* Stream.runCollect(Table.rows(`${owner}.typed.all`, { maxResults: 0 })), [])
      equal(yield* Stream.runCollect(Table.rows(`${owner}.typed.none`)), [])
      const wrong = yield* failsWith(
        Stream.runCollect(Table.rows(`${owner}.typed.all`, { variables: ["ss"] })),
        "InvalidInput"
      )
      equal(wrong.field, "variables")
    })
  }
]
