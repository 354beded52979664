/** Until the store has a layer of its own: what of it is there. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { makeAccounts, makeGrants, makeMembers, makeSecrets, makeTokens } from "./store/accounts.ts"
import * as Database from "./store/Database.ts"
import { makeDatasets } from "./store/datasets.ts"
import * as Relations from "./store/relations.ts"
import * as Schema from "./store/schema.ts"
import { makeResolve } from "./store/sources.ts"
import { type Options, Store } from "./store/Store.ts"
import { makeTables } from "./store/tables.ts"
import { makeVariables } from "./store/variables.ts"
import { makeVersions } from "./store/versions.ts"
import { makeWorkflows } from "./store/workflows.ts"

const missing = <A extends object>(known: object = {}): A =>
  new Proxy(known, {
    get: (target, key) => Reflect.get(target, key) ?? (() => Effect.die(`the store has no ${String(key)} yet`))
  }) as A

export const layer = (_options: Options): Layer.Layer<Store> =>
  Layer.effect(
    Store,
    Effect.gen(function*() {
      const database = yield* Database.open({ path: ":memory:" })
      yield* Schema.create(database)
      const relations = Relations.make(database)
      const accounts = makeAccounts(database)
      const datasets = makeDatasets(database, accounts, relations)
      const workflows = makeWorkflows(database, accounts, relations)
      const tables = makeTables(database, datasets, workflows, relations)
      return Store.of({
        accounts,
        members: makeMembers(database, accounts),
        tokens: makeTokens(database, accounts),
        grants: makeGrants(database, accounts),
        secrets: makeSecrets(database, accounts),
        datasets,
        versions: makeVersions(database, datasets, relations),
        tables,
        variables: makeVariables(database, datasets, tables, relations, makeResolve(database, relations)),
        uploads: missing({ pending: Effect.succeed([]) }),
        tempUploads: missing(),
        queries: missing(),
        rows: missing(),
        sessions: missing(),
        workflows: missing(workflows),
        atomically: database.write
      })
    })
  )
