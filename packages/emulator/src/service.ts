/** The emulator as a service: how it is put together, and what tests steer it by. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { randomBytes } from "node:crypto"
import * as Api from "./api.ts"
import * as MovableClock from "./clock.ts"
import { Controls, type ControlsShape, UnknownUser } from "./control.ts"
import * as Faults from "./Faults.ts"
import { handlers } from "./handlers/index.ts"
import * as Door from "./http/door.ts"
import * as InMemory from "./http/inMemory.ts"
import { listen, type ListenFailed } from "./http/nodeServer.ts"
import * as Route from "./http/route.ts"
import { fullScopes, make as makeCallers } from "./policy/caller.ts"
import * as Quota from "./policy/quota.ts"
import { make as makeRateLimit, makeAttendance } from "./policy/rateLimit.ts"
import * as RequestLog from "./requestLog.ts"
import type * as Seed from "./Seed.ts"
import * as Seeding from "./seeding.ts"
import { basePath, makeRowOrder, Server } from "./server.ts"
import * as Storage from "./storage/storage.ts"
import { isFolderRefused } from "./store/dataFolder.ts"
import { type Options as StoreOptions, Store } from "./store/Store.ts"
import * as StoreDuckDB from "./store/StoreDuckDB.ts"

/**
 * How an emulator is set up.
 *
 * @category configuration
 * @since 0.1.0
 */
export interface Options {
  /**
   * The API's port; 0 is any free one.
   *
   * @default 0
   */
  readonly port?: number | undefined
  /**
   * The port of the storage that temporary uploads go to.
   *
   * @default 0
   */
  readonly storagePort?: number | undefined
  /** @default "127.0.0.1" */
  readonly host?: string | undefined
  /**
   * Names by which requests may reach it, beside `host` and those of this
   * machine itself (`localhost`, `127.0.0.1`, `[::1]`), each with a port or with
   * any: a service's name in a container network. Requests to any other name are
   * refused.
   *
   * @default []
   */
  readonly allowHosts?: ReadonlyArray<string> | undefined
  /**
   * Origins of pages that may use the control interface: that of a test which
   * runs in a browser. Pages of any other are refused.
   *
   * @default []
   */
  readonly controlOrigins?: ReadonlyArray<string> | undefined
  /** The folder that everything is kept in. Without it nothing outlives the emulator. */
  readonly data?: string | undefined
  /** What it starts with: a seed, or the path of its file. */
  readonly seed?: Seed.Seed | string | undefined
  /** The default user's token, which may do everything; a random one if absent. */
  readonly token?: string | undefined
  /** Further tokens, or the path of a JSON file of them: also where the seed is not taken again. */
  readonly tokens?: ReadonlyArray<Seed.Token> | string | undefined
  /** @default "researcher" */
  readonly user?: string | undefined
  /**
   * Requests that a token, or all who have none, may make in a window.
   *
   * @default 1000
   */
  readonly rateLimit?: number | undefined
  /** @default "1 minute" */
  readonly rateLimitWindow?: Duration.Input | undefined
  /**
   * How the headers of the rate limit tell points in time: as the documentation
   * says, in milliseconds since the epoch, or as the service was recorded, with
   * the window's end in seconds since the epoch and `Retry-After` as the number
   * of seconds to wait.
   *
   * @default "milliseconds"
   */
  readonly rateLimitHeaders?: "milliseconds" | "seconds" | undefined
  /**
   * Requests of a token, or of all who have none, that are answered at a time:
   * one more is refused with 429, although its window has requests left, and is
   * not told when to come again. Without it there is no such limit.
   */
  readonly concurrencyLimit?: number | undefined
  /**
   * Bytes of rows that an account may read in 30 days.
   *
   * @default 200_000_000_000
   */
  readonly readQuota?: number | undefined
  /**
   * Seconds that an account's queries may run in 24 hours.
   *
   * @default 100_000
   */
  readonly queryQuota?: number | undefined
  /**
   * How long a query, or the run of a transform, may take before it fails.
   *
   * @default "10 minutes"
   */
  readonly queryTimeout?: Duration.Input | undefined
  /**
   * Whether pages in browsers may read rate limits, warnings and the like, which
   * the service hides from them.
   *
   * @default false
   */
  readonly exposeHeaders?: boolean | undefined
  /**
   * What DELETE answers: the text `OK`, nothing, or JSON.
   *
   * @default "text"
   */
  readonly deleteAnswer?: "text" | "empty" | "json" | undefined
  /**
   * Whether a reference is refused of which a part is not known (`:banana`) or
   * whose id and name are not of one thing, as where a request's query has
   * `strictReferences`. The service ignores such a part, and the name decides.
   *
   * @default false
   */
  readonly strictReferences?: boolean | undefined
  /**
   * What is answered without a token: `rows` of public tables alone, as the
   * service does it, or whatever is `public`.
   *
   * @default "rows"
   */
  readonly anonymousAccess?: "rows" | "public" | undefined
  /**
   * Bytes of rows that are read at most without a token: those of the table, or
   * with `maxResults` its share of them.
   *
   * @default 100_000_000
   */
  readonly anonymousBytes?: number | undefined
  /**
   * Bytes of the rows of a query's result that are given in one answer at most;
   * a read session gives them all.
   *
   * @default 100_000_000
   */
  readonly resultBytes?: number | undefined
  /**
   * Bytes of rows from which on an export has several files.
   *
   * @default 1_000_000_000
   */
  readonly exportPartBytes?: number | undefined
  /**
   * Rows of an Arrow batch at most: fewer where a test wants streams of many.
   *
   * @default 10_240
   */
  readonly batchRows?: number | undefined
  /**
   * Rows that each stream of a read session has at least where it is given
   * several: 1 where a test wants several streams of few rows.
   *
   * @default 50_000
   */
  readonly streamRows?: number | undefined
  /**
   * In which order a table's rows come in one answer of `/rows`: `any`, another
   * one for each request, as the service promises none; `stored`, that of the
   * uploads; or that of a seed.
   *
   * @default "any"
   */
  readonly rowOrder?: "any" | "stored" | number | undefined
  /**
   * What a draft tells of its tables' rows: those that are there, or `late` those
   * that were there before its uploads, since nothing promises more.
   *
   * @default "counted"
   */
  readonly draftRows?: "counted" | "late" | undefined
  /**
   * Tables that a dataset has at most.
   *
   * @default 1000
   */
  readonly mostTables?: number | undefined
}

/**
 * A running emulator, and what tests steer it by.
 *
 * @category services
 * @since 0.1.0
 */
export class Emulator extends Context.Service<
  Emulator,
  Omit<ControlsShape, "seed"> & {
    /** The default user's name. */
    readonly user: string
    /** Sends requests to the emulator's two origins within this process, by no socket. */
    readonly httpClient: HttpClient.HttpClient
    /** Takes a seed: all of it, or nothing. Files are read from the folder that is given. */
    readonly seed: (
      seed: Seed.Seed,
      options?: { readonly directory?: string | undefined }
    ) => Effect.Effect<void, Seed.SeedRefused>
    /** Connections that are open, to both origins together. */
    readonly openSockets: Effect.Effect<number>
  }
>()("@effect-redivis/emulator/Emulator") {}

/** What requests are called. */
const operations: ReadonlyArray<string> = [...Object.keys(handlers), ...Storage.operations]

interface Current {
  readonly store: Store["Service"]
  readonly scope: Scope.Closeable
}

/** The store of the moment, which `reset` replaces. */
const makeStores = Effect.fnUntraced(function*(options: StoreOptions) {
  const scope = yield* Effect.scope
  const open = Effect.gen(function*() {
    const own = yield* Scope.fork(scope)
    const context = yield* Layer.buildWithScope(StoreDuckDB.layer(options), own)
    return { store: Context.get(context, Store), scope: own }
  })
  let current: Current = yield* open
  return {
    current: () => current.store,
    replace: Effect.gen(function*() {
      const before = current
      yield* Scope.close(before.scope, Exit.void)
      current = yield* open
    })
  }
})

/**
 * The folder that was given cannot be used: another process has it, or it is
 * not the emulator's.
 *
 * @category errors
 * @since 0.1.0
 */
export class DataUnusable extends Data.TaggedError("DataUnusable")<{ readonly message: string }> {}

const makeText = (): string => randomBytes(24).toString("base64url")

/** Names that no resolver knows, of the two origins that have no socket. */
const hostsInMemory = ["emulator.invalid", "storage.emulator.invalid"] as const

/** Everything but the sockets. */
const makeCore = Effect.fnUntraced(function*(options: Options) {
  const doors = { allowHosts: options.allowHosts ?? [], controlOrigins: options.controlOrigins ?? [] }
  const misunderstood = Door.refusalOf(doors)
  if (misunderstood !== undefined) return yield* misunderstood
  const clock = yield* MovableClock.make
  const inClock = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, Clock.Clock, clock.clock)
  const stores = yield* inClock(makeStores({
    directory: options.data,
    batchRows: options.batchRows,
    streamRows: options.streamRows,
    draftRows: options.draftRows
  })).pipe(
    Effect.catchDefect((defect) =>
      options.data === undefined
        ? Effect.die(defect)
        : isFolderRefused(defect)
        ? Effect.fail(new DataUnusable({ message: defect.message }))
        : Effect.fail(new DataUnusable({ message: `The data in ${options.data} cannot be used: ${String(defect)}` }))
    )
  )
  const log = RequestLog.make()
  const faults = Faults.makeList()
  const callers = makeCallers()
  const window = Duration.toMillis(Duration.fromInputUnsafe(options.rateLimitWindow ?? "1 minute"))
  const rateLimit = makeRateLimit(options.rateLimit ?? 1000, window)
  const readQuota = Quota.ofReading(options.readQuota ?? 200e9)
  const queryQuota = Quota.ofQueries(options.queryQuota ?? 100_000)
  const rowOrder = makeRowOrder(options.rowOrder ?? "any")
  const user = options.user ?? "researcher"
  const token = options.token ?? makeText()
  const jobs = yield* FiberSet.make<unknown, never>()
  const runJob = yield* FiberSet.runtime(jobs)<never>()
  const sessions = new Map()
  const urls = { origin: `http://${hostsInMemory[0]}`, storage: `http://${hostsInMemory[1]}` }

  const server: Server["Service"] = {
    settings: {
      exposeHeaders: options.exposeHeaders ?? false,
      deleteAnswer: options.deleteAnswer ?? "text",
      anonymousAccess: options.anonymousAccess ?? "rows",
      strictReferences: options.strictReferences ?? false,
      anonymousBytes: options.anonymousBytes ?? 100_000_000,
      resultBytes: options.resultBytes ?? 100_000_000,
      exportPartBytes: options.exportPartBytes ?? 1_000_000_000,
      queryTimeout: Duration.toMillis(Duration.fromInputUnsafe(options.queryTimeout ?? "10 minutes")),
      rateLimitHeaders: options.rateLimitHeaders ?? "milliseconds",
      concurrencyLimit: options.concurrencyLimit ?? Infinity,
      mostTables: options.mostTables ?? 1000
    },
    urls,
    door: Door.make({ ...doors, host: options.host ?? "127.0.0.1", ownHosts: hostsInMemory }),
    clock,
    log,
    faults,
    rateLimit,
    attendance: makeAttendance(),
    callers,
    readQuota,
    queryQuota,
    rowOrder,
    inBackground: (work) => {
      runJob(within(work))
    },
    queryPermits: yield* Semaphore.make(5),
    runningJobs: new Map()
  }
  /** Provides what handlers need, the store being the one of the moment. */
  const within = <A, E>(effect: Effect.Effect<A, E, Store | Server | Storage.StorageSessions>): Effect.Effect<A, E> =>
    Effect.suspend(() =>
      effect.pipe(
        Effect.provideService(Store, stores.current()),
        Effect.provideService(Server, server),
        Effect.provideService(Storage.StorageSessions, sessions),
        inClock
      )
    )

  const introduce = within(Effect.gen(function*() {
    const store = yield* Store
    yield* store.accounts.getUser(user).pipe(
      Effect.catch(() =>
        store.accounts.putUser({ name: user, fullName: "Researcher", contactEmail: `${user}@example.org` })
      )
    )
    yield* store.tokens.put({ text: token, user, scopes: fullScopes })
    for (const id of yield* store.uploads.pending) server.inBackground(Effect.ignore(store.uploads.run(id)))
  })).pipe(Effect.orDie)

  const seed = (value: unknown, directory: string | undefined): Effect.Effect<void, Seed.SeedRefused> =>
    within(Seeding.write(value, { directory })).pipe(Effect.tap(() => Effect.sync(callers.forget)))

  const takeSeed = Effect.gen(function*() {
    const isNew = (yield* within(Effect.flatMap(Store, (store) => store.accounts.list))).length === 0
    yield* introduce
    if (options.seed === undefined) return
    if (!isNew) {
      return yield* Effect.logWarning("The data that was kept is used as it is, without the seed")
    }
    if (typeof options.seed === "string") {
      const { place, value } = yield* Seeding.readFile(options.seed)
      return yield* seed(value, place.directory)
    }
    yield* seed(options.seed, undefined)
  })

  const start = Effect.gen(function*() {
    yield* takeSeed
    if (options.tokens === undefined) return
    yield* within(Seeding.writeTokens(options.tokens))
    callers.forget()
  })

  yield* start

  const controls = (sockets: () => { readonly api: number; readonly storage: number }): ControlsShape => ({
    baseUrl: urls.origin + basePath,
    storageUrl: urls.storage,
    token,
    seed: (value) => seed(value, undefined),
    requests: Effect.sync(log.list),
    clearRequests: Effect.sync(log.clear),
    clock: { now: clock.now, set: clock.set, adjust: clock.adjust },
    faults: {
      add: (fault) =>
        Effect.suspend(() => {
          const refused = Faults.refusalOf(fault, { operations, paths: [...Route.paths(), ...Storage.paths] })
          return refused === undefined ? Effect.sync(() => faults.add(fault)) : Effect.fail(refused)
        }),
      remove: (id) => Effect.sync(() => faults.remove(id)),
      clear: Effect.sync(faults.clear),
      list: Effect.sync(faults.list)
    },
    setExposeHeaders: (exposeHeaders) =>
      Effect.sync(() => {
        server.settings.exposeHeaders = exposeHeaders
      }),
    setRateLimit: (limit, from = "now") => Effect.sync(() => rateLimit.set(limit, from)),
    setRowOrder: (order) => Effect.sync(() => rowOrder.set(order)),
    setUsage: (usage) =>
      Effect.sync(() => {
        const account = (usage.user ?? user).toLowerCase()
        if (usage.readBytes !== undefined) readQuota.set(account, clock.nowUnsafe(), usage.readBytes)
        if (usage.querySeconds !== undefined) queryQuota.set(account, clock.nowUnsafe(), usage.querySeconds)
      }),
    sockets: Effect.sync(sockets),
    openStreams: Effect.sync(log.streaming),
    unfinishedResponses: Effect.sync(log.unfinished),
    comments: (organization, member) =>
      within(Effect.flatMap(Store, (store) => store.members.comments(organization, member))).pipe(
        Effect.catch(() => Effect.succeed([]))
      ),
    makeToken: Effect.fnUntraced(function*(wanted) {
      const made = wanted?.text ?? makeText()
      const owner = wanted?.user ?? user
      yield* within(Effect.flatMap(Store, (store) =>
        store.tokens.put({
          text: made,
          user: owner,
          scopes: wanted?.scopes ?? fullScopes,
          expiresAt: wanted?.expiresAt ?? null
        }))).pipe(Effect.mapError(() => new UnknownUser({ user: owner })))
      callers.forget()
      return made
    }),
    reset: Effect.gen(function*() {
      yield* FiberSet.clear(jobs)
      if (options.data === undefined) yield* inClock(stores.replace)
      log.clear()
      faults.clear()
      rateLimit.reset()
      server.settings.exposeHeaders = options.exposeHeaders ?? false
      rowOrder.reset()
      readQuota.reset()
      queryQuota.reset()
      callers.forget()
      sessions.clear()
      yield* clock.reset
      // it was taken before
      yield* Effect.orDie(start)
    })
  })
  return { urls, user, token, within, controls, seed }
})

type Core = Effect.Success<ReturnType<typeof makeCore>>

const serviceOf = Effect.fnUntraced(function*(
  core: Core,
  sockets: () => { readonly api: number; readonly storage: number }
) {
  const controls = core.controls(sockets)
  const serveApi: InMemory.Place["serve"] = (request) =>
    core.within(Effect.provideService(Api.serve(request), Controls, controls))
  const serveStorage: InMemory.Place["serve"] = (request) => core.within(Storage.serve(request))
  const httpClient = yield* InMemory.client(() => [
    { origin: core.urls.origin, serve: serveApi },
    { origin: core.urls.storage, serve: serveStorage }
  ])
  const service: Emulator["Service"] = {
    ...controls,
    user: core.user,
    httpClient,
    seed: (seed, options) => core.seed(seed, options?.directory),
    openSockets: Effect.map(controls.sockets, ({ api, storage }) => api + storage)
  }
  return { service, serveApi, serveStorage }
})

type Served = Effect.Success<ReturnType<typeof serviceOf>>

/** An emulator on two ports. */
export const make: (
  options?: Options
) => Effect.Effect<
  Emulator["Service"],
  ListenFailed | Seed.SeedRefused | Seed.TokensRefused | DataUnusable | Door.DoorRefused,
  Scope.Scope
> = Effect
  .fnUntraced(
    function*(options = {}) {
      const core = yield* makeCore(options)
      const host = options.host ?? "127.0.0.1"
      if (Door.isWildcard(host) && (options.allowHosts ?? []).length === 0) {
        yield* Effect.logWarning(
          `The emulator listens on every address of this machine (${host}), where whoever reaches it may steer it, ` +
            "and answers to the name localhost alone: name others by which it is reached with --allow-host (the " +
            "option allowHosts)."
        )
      }
      // the service is made of the ports, on which requests may come before it is
      const ready = yield* Deferred.make<Served>()
      const api = yield* listen({
        host,
        port: options.port ?? 0,
        serve: (request) => Effect.flatMap(Deferred.await(ready), (served) => served.serveApi(request))
      })
      const storage = yield* listen({
        host,
        port: options.storagePort ?? 0,
        serve: (request) => Effect.flatMap(Deferred.await(ready), (served) => served.serveStorage(request))
      })
      const shown = Door.isWildcard(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host
      core.urls.origin = `http://${shown}:${api.port}`
      core.urls.storage = `http://${shown}:${storage.port}`
      const served = yield* serviceOf(core, () => ({ api: api.openSockets(), storage: storage.openSockets() }))
      yield* Deferred.succeed(ready, served)
      return served.service
    }
  )

/** An emulator that only its `httpClient` reaches. */
export const makeInMemory: (
  options?: Options
) => Effect.Effect<
  Emulator["Service"],
  Seed.SeedRefused | Seed.TokensRefused | DataUnusable | Door.DoorRefused,
  Scope.Scope
> = Effect
  .fnUntraced(
    function*(options = {}) {
      const core = yield* makeCore(options)
      return (yield* serviceOf(core, () => ({ api: 0, storage: 0 }))).service
    }
  )

/**
 * An emulator on two free ports of this machine, until the scope closes.
 *
 * **Failures**
 *
 * - `ListenFailed`: a port that was asked for is taken
 * - `SeedRefused`: the seed does not fit, and nothing of it was written
 * - `TokensRefused`: a token does not fit, or its user is not there; none was taken
 * - `DataUnusable`: the folder of the data cannot be used
 * - `DoorRefused`: what is to be a host or an origin is none
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options?: Options
): Layer.Layer<Emulator, ListenFailed | Seed.SeedRefused | Seed.TokensRefused | DataUnusable | Door.DoorRefused> =>
  Layer.effect(Emulator, make(options))

/**
 * An emulator without sockets, and the `HttpClient` that reaches it. All time
 * comes from the clock of the effect that builds it, so that a test clock
 * governs both sides.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerInMemory = (
  options?: Options
): Layer.Layer<
  Emulator | HttpClient.HttpClient,
  Seed.SeedRefused | Seed.TokensRefused | DataUnusable | Door.DoorRefused
> =>
  Layer.effect(HttpClient.HttpClient, Effect.map(Emulator, (emulator) => emulator.httpClient)).pipe(
    Layer.provideMerge(Layer.effect(Emulator, makeInMemory(options)))
  )
