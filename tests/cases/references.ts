/** What a dataset or a table can be called, in requests as they arrive. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Reference from "@effect-redivis/core/Reference"
import * as Table from "@effect-redivis/core/Table"
import * as Variable from "@effect-redivis/core/Variable"
import * as Version from "@effect-redivis/core/Version"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal } from "./assert.ts"
import type { Case } from "./Case.ts"
import { within } from "./clients.ts"
import { during } from "./control.ts"
import { organization, shared } from "./seeds.ts"

const named = shared(organization("names", [{
  name: "Birds & bees",
  referenceId: "bb01",
  tables: [{ name: "Wing lengths (mm)", referenceId: "wl02", rows: [{ "Länge in % / mm": 1, plain: 2 }] }]
}]))

export const references: ReadonlyArray<Case> = [
  {
    name: "a dataset is found by every equivalent spelling",
    run: Effect.gen(function*() {
      const owner = yield* named
      const whole = yield* Dataset.get(`${owner}.birds_bees`)
      const spellings = [
        whole,
        { uri: whole.uri },
        whole.qualifiedReference,
        `${owner}.Birds & bees`,
        `${owner}.BIRDS_BEES`,
        `${owner}.birds_bees:bb01`,
        `${owner}.other_name:bb01`,
        `${owner}.birds_bees:v1_0`,
        `${owner}.birds_bees:V1.0`,
        `${owner}.birds_bees:bb01:v1_0`,
        `${owner}.birds_bees:v1.0:bb01`,
        `${owner}.birds_bees:current`,
        `${owner.toUpperCase()}.birds_bees`,
        yield* Effect.fromResult(Reference.dataset({ owner, name: "Birds & bees", version: "v1.0" }))
      ]
      const found = yield* Effect.forEach(spellings, (spelling) => Dataset.get(spelling))
      equal(found.map(({ id }) => id), spellings.map(() => whole.id))
      const scoped = yield* Dataset.get("birds_bees").pipe(within({ defaults: { organization: owner } }))
      equal(scoped.id, whole.id)
      equal((yield* Version.get(`${owner}.birds_bees`, "V1.0")).index, 0)
    })
  },
  {
    name: "a table is found by every equivalent spelling",
    run: Effect.gen(function*() {
      const owner = yield* named
      const whole = yield* Table.get(`${owner}.birds_bees.wing_lengths_mm_`)
      const spellings = [
        whole,
        whole.qualifiedReference,
        `${owner}.Birds & bees.Wing lengths (mm)`,
        `${owner}.birds_bees:v1.0.wing_lengths_mm_`,
        `${owner}.birds_bees:bb01:v1_0.wing_lengths_mm_:wl02`,
        `${owner}.x:bb01.y:wl02`
      ]
      const found = yield* Effect.forEach(spellings, (spelling) => Table.get(spelling))
      equal(found.map(({ id }) => id), spellings.map(() => whole.id))
      const scoped = yield* Table.get("wing_lengths_mm_").pipe(within({ defaults: { dataset: `${owner}.birds_bees` } }))
      equal(scoped.id, whole.id)
    })
  },
  {
    name: "names with any characters arrive as one segment of a path",
    run: Effect.gen(function*() {
      const owner = yield* organization("encoded")
      const name = "Größe / 50% ü?#&+ (№ 1) 鳥 🐧"
      yield* Dataset.create({ organization: owner }, { name })
      const reference = yield* Effect.fromResult(Reference.dataset({ owner, name }))
      const { requests, value } = yield* during(Dataset.get(reference))
      equal(value.name, name)
      equal(requests[0]?.path.split("/").length, 3)
      equal(decodeURIComponent(requests[0]?.path.split("/")[2] ?? ""), `${owner}.${name}`)
      const table = yield* Effect.fromResult(
        Reference.table({ container: { owner, name }, name: "Tabelle / 1 %" })
      )
      yield* Table.create(reference, { name: "Tabelle / 1 %" })
      equal((yield* Table.get(table)).name, "Tabelle / 1 %")
    })
  },
  {
    name: "variables keep their names, and are chosen by them",
    run: Effect.gen(function*() {
      const owner = yield* named
      const table = `${owner}.birds_bees.wing_lengths_mm_`
      const variables = yield* Stream.runCollect(Variable.list({ table }))
      equal(variables.map(({ name }) => name), ["Länge in % / mm", "plain"])
      const rows = yield* Stream.runCollect(Table.rows(table, { variables: ["länge in % / mm"] }))
      equal(rows, [{ "Länge in % / mm": 1 }])
      const csv = yield* Stream.mkString(Stream.decodeText(Table.csv(table, { variables: ["Länge in % / mm"] })))
      equal(csv, "Länge in % / mm\n1\n")
    })
  }
]
