/** Two versions of a dataset, and a draft after them. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import type * as Seed from "@effect-redivis/emulator/Seed"
import * as Effect from "effect/Effect"

const rows = (...masses: ReadonlyArray<number>) => masses.map((mass) => ({ species: "Adelie", mass }))

/** Listings go by ids, which begin with those of references: here they are in the order of the names. */
const still = (name: string, referenceId: string) => ({ name, referenceId, rows: [{ a: 1 }] })

export const versioned = (name: string): Seed.Dataset => ({
  owner: "researcher",
  name,
  description: "Birds of the Palmer Archipelago",
  publicAccessLevel: "data",
  versions: [
    {
      tables: [
        {
          name: "birds",
          referenceId: "brd1",
          variables: [{ name: "species", label: "Species", description: "In Latin" }, { name: "mass" }],
          rows: rows(1, 2)
        },
        still("old", "old1"),
        still("same", "sam1"),
        still("still", "stl1")
      ]
    },
    {
      tables: [
        { name: "birds", rows: rows(3) },
        { name: "old", remove: true },
        { name: "fresh", referenceId: "frs1", rows: [{ a: 1 }, { a: 2 }] }
      ]
    }
  ]
})

export const seed = (name: string) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.seed({ datasets: [versioned(name)] }))

/** What went over the wire while `effect` ran, the operations' names in alphabetical order. */
export const during = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const before = (yield* emulator.requests).length
    const value = yield* effect
    const operations = (yield* emulator.requests).slice(before).map(({ operation }) => operation ?? "")
      .toSorted((one, other) => one.localeCompare(other))
    return { value, operations }
  })
