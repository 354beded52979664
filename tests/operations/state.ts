/** What proofs begin with. Reads share it; a write makes its own. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Table from "@effect-redivis/core/Table"
import * as Effect from "effect/Effect"
import { type CaseContext, Place } from "../cases/Case.ts"
import { withToken } from "../cases/clients.ts"
import { makeToken, seed, setUsage } from "../cases/control.ts"
import { organization, shared, stranger } from "../cases/seeds.ts"
import type { Call } from "./Proof.ts"

export const rows = [{ x: 1 }, { x: 2 }]

/** An organization of the case's user with a released dataset that is not public: `kept`, and in it the table `rows`. */
export const own: Effect.Effect<string, unknown, CaseContext> = shared(
  organization("proofs", [{ name: "Kept", tables: [{ name: "rows", rows }] }])
)

export const kept = Effect.map(own, (owner) => `${owner}.kept`)

export const keptRows = Effect.map(own, (owner) => `${owner}.kept.rows`)

/** Where nothing is. */
export const absent = Effect.map(own, (owner) => `${owner}.absent`)

export const absentRows = Effect.map(own, (owner) => `${owner}.kept.absent`)

/** Somebody else's dataset, of which everyone sees that it is there and nothing more: `shown`, with the table `rows`. */
export const shown: Effect.Effect<string, unknown, CaseContext> = shared(
  Effect.map(
    stranger("proofsKeeper", [{ name: "Shown", publicAccessLevel: "overview", tables: [{ name: "rows", rows }] }]),
    ({ name }) => `${name}.shown`
  )
)

export const shownRows = Effect.map(shown, (dataset) => `${dataset}.rows`)

/** A dataset of its own that was never released, with an empty table `rows`. */
export const draft = (name: string): Effect.Effect<string, unknown, CaseContext> =>
  Effect.gen(function*() {
    const owner = yield* own
    yield* Dataset.create({ organization: owner }, { name })
    yield* Table.create(`${owner}.${name}`, { name: "rows" })
    return `${owner}.${name}`
  })

/** A released dataset of its own, with the table `rows`. */
export const released = (name: string): Effect.Effect<string, unknown, CaseContext> =>
  Effect.gen(function*() {
    const owner = yield* own
    yield* seed({ datasets: [{ owner, name, tables: [{ name: "rows", rows }] }] })
    return `${owner}.${name}`
  })

/** One that was released twice, with more rows each time. */
export const twice = (name: string): Effect.Effect<string, unknown, CaseContext> =>
  Effect.gen(function*() {
    const owner = yield* own
    const tables = [{ name: "rows", rows }]
    yield* seed({ datasets: [{ owner, name, versions: [{ tables }, { tables }] }] })
    return `${owner}.${name}`
  })

/** Runs a call as another account, which nothing was granted to. */
export const asStranger = (call: Call): Effect.Effect<Call, unknown, CaseContext> =>
  Effect.gen(function*() {
    const { run } = yield* Place
    const name = `${run}_proofsStranger`
    yield* seed({ users: [{ name }] })
    return withToken(yield* makeToken({ user: name }))(call)
  })

/**
 * What names no owner, as the path of an answer: text the client itself would
 * complete or refuse.
 */
export const unqualified = {
  dataset: { uri: "/datasets/kept" },
  table: { uri: "/tables/rows" },
  workflow: { uri: "/workflows/work" },
  transform: { uri: "/transforms/large" },
  notebook: { uri: "/notebooks/model" }
}

/** A page token that no server gave. */
export const foreignPage = { pageToken: "nonsense" }

/** More than an account may read in a month, or ask for in a day. */
const spent = { readBytes: 1e15, querySeconds: 1e9 }

/** Runs a call on a table of another account, which has used up its quotas; what `prepare` does comes before. */
export const afterSpending = <A>(
  subject: string,
  prepare: (table: string) => Effect.Effect<A, unknown, CaseContext>,
  call: (prepared: A) => Call
): Effect.Effect<Call, unknown, CaseContext> =>
  Effect.gen(function*() {
    const { name, token } = yield* stranger(subject, [{ name: "Own", tables: [{ name: "rows", rows }] }])
    const prepared = yield* withToken(token)(prepare(`${name}.own.rows`))
    yield* setUsage({ user: name, ...spent })
    return withToken(token)(call(prepared))
  })
