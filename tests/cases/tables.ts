/** Tables and their variables. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as Variable from "@effect-redivis/core/Variable"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { equal, failsWith, isTrue, matches } from "./assert.ts"
import type { Case } from "./Case.ts"
import { during } from "./control.ts"
import { organization } from "./seeds.ts"

export const tables: ReadonlyArray<Case> = [
  {
    name: "a table is made, read and listed",
    run: Effect.gen(function*() {
      const owner = yield* organization("tables")
      yield* Dataset.create({ organization: owner }, { name: "Holder" })
      const made = yield* Table.create(`${owner}.holder`, {
        name: "Birds",
        description: "Of 2009",
        uploadMergeStrategy: "replace"
      })
      matches(made, { name: "Birds", description: "Of 2009", uploadMergeStrategy: "replace", numRows: 0, numBytes: 0 })
      equal([made.container.kind, made.container.name], ["dataset", "Holder"])
      equal(yield* Table.get(made), made)
      equal(yield* Table.exists(`${owner}.holder.birds`), true)
      equal(yield* Table.exists(`${owner}.holder.fish`), false)
      yield* failsWith(Table.create(`${owner}.holder`, { name: "birds" }), "BadRequest")
      yield* Table.create(`${owner}.holder`, { name: "Fish" })
      const listed = yield* Stream.runCollect(Table.list(`${owner}.holder`, { pageSize: 1 }))
      equal(listed.map(({ name }) => name).toSorted(), ["Birds", "Fish"])
      const page = yield* Table.listPage(`${owner}.holder`, { pageSize: 1 })
      isTrue(page.results.length === 1 && page.nextPageToken !== undefined, "one table a page")
    })
  },
  {
    name: "variables are listed in their order, by type where that is wanted",
    run: Effect.gen(function*() {
      const owner = yield* organization("variables", [{
        name: "Described",
        tables: [{
          name: "t",
          variables: [
            {
              name: "sex",
              type: "string",
              label: "Sex",
              description: "As seen",
              valueLabels: [{ value: "f", label: "Female" }]
            },
            { name: "mass", type: "integer" },
            { name: "wing", type: "float" },
            { name: "seen", type: "date" }
          ],
          rows: [{ sex: "f", mass: 1, wing: 0.5, seen: "2009-01-01" }]
        }]
      }])
      const source = { table: `${owner}.described.t` }
      const { requests, value: all } = yield* during(Stream.runCollect(Variable.list(source, { pageSize: 3 })))
      equal(all.map(({ index, name, type }) => [index, name, type]), [
        [0, "sex", "string"],
        [1, "mass", "integer"],
        [2, "wing", "float"],
        [3, "seen", "date"]
      ])
      equal(requests.length, 2)
      // a listing leaves out what takes room
      equal([all[0]?.label, all[0]?.description, all[0]?.valueLabels], ["Sex", undefined, undefined])
      const sex = yield* Variable.get(source, "sex")
      equal([sex.label, sex.description, sex.valueLabels], ["Sex", "As seen", [{ value: "f", label: "Female" }]])
      matches(sex.statistics ?? {}, { status: "completed", count: 1, numDistinct: 1 })
      equal((yield* Variable.get(source, "wing")).valueLabels, null)
      const numbers = yield* Variable.listPage(source, { type: "integer" })
      equal(numbers.results.map(({ name }) => name), ["mass"])
    })
  }
]
