/** Workflows that proofs begin with. */
import type * as Seed from "@effect-redivis/emulator/Seed"
import * as Effect from "effect/Effect"
import { type CaseContext, Place } from "../cases/Case.ts"
import { seed } from "../cases/control.ts"
import { shared } from "../cases/seeds.ts"
import { own } from "./state.ts"

type Made = Effect.Effect<string, unknown, CaseContext>

type Parts = Partial<Omit<Seed.Workflow, "owner" | "name">>

/** A workflow of its own, which is not public. `of` names what it is made of, with the owner's other things. */
export const workflow = (name: string, of: (owner: string) => Parts = () => ({})): Made =>
  Effect.gen(function*() {
    const owner = yield* own
    yield* seed({ workflows: [{ owner, name, ...of(owner) }] })
    return `${owner}.${name}`
  })

/** One that reads share: with the dataset `kept` as a source, and one thing of each kind. */
export const work: Made = shared(workflow("Work", (owner) => ({
  description: "Of proofs.",
  tables: [{ name: "made", rows: [{ a: 1 }, { a: 2 }, { a: 3 }] }],
  parameters: [{ name: "wanted", values: [2, 3] }],
  dataSources: [{ sourceDataset: `${owner}.kept` }],
  transforms: [{ name: "large", query: "select x from `rows` where x in unnest(@wanted)", sourceTable: "made" }],
  notebooks: [{ name: "model", sourceTable: "rows" }]
})))

/** Where no workflow is. */
export const absentWork: Made = Effect.map(own, (owner) => `${owner}.no work`)

/** Somebody else's, which everyone may view: with a parameter, a data source, a transform and a notebook. */
export const shownWork: Made = shared(Effect.gen(function*() {
  const { run } = yield* Place
  const owner = `${run}_workKeeper`
  yield* seed({
    users: [{ name: owner }],
    datasets: [{ owner, name: "Source", publicAccessLevel: "data", tables: [{ name: "rows", rows: [{ x: 1 }] }] }],
    workflows: [{
      owner,
      name: "Shown work",
      publicAccessLevel: "view",
      parameters: [{ name: "wanted", values: [1] }],
      dataSources: [{ sourceDataset: `${owner}.Source` }],
      transforms: [{ name: "large", query: "select * from `rows`" }],
      notebooks: [{ name: "model" }]
    }]
  })
  return `${owner}.Shown work`
}))
