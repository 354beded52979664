/** One session whose streams are read by several threads, and by many processes of which one is killed. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { root } from "../runner/places.ts"
import { type Postgres, startPostgres } from "../runner/postgres.ts"
import { type Program, start } from "../runner/program.ts"
import { environment, inherited, run } from "./documents.ts"

/** For several processes on a busy machine, in milliseconds. */
const patience = 120_000

const count = 20_000
const streams = 8
const species = ["Adelie", "Chinstrap", "Gentoo"]

const emulators = Layer.orDie(Emulator.layer({
  // ten batches in each of eight streams
  batchRows: count / streams / 10,
  streamRows: count / streams,
  seed: {
    organizations: [{ name: "demo", members: [{ user: "researcher", isAdmin: true }] }],
    datasets: [{
      owner: "demo",
      name: "penguins",
      tables: [{
        name: "birds",
        rows: Array.from({ length: count }, (_, id) => ({ id, species: species[id % 3]!, note: `bird ${id}` }))
      }]
    }]
  }
}))

const folder = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-streams-"))),
  (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true, force: true }))
)

/** The server that holds the queues, or why there is none. */
class Database extends Context.Service<Database, Postgres | string>()("Database") {}

const databases = Layer.effect(
  Database,
  Effect.acquireRelease(
    Effect.promise(startPostgres),
    (postgres) => Effect.promise(() => typeof postgres === "string" ? Promise.resolve() : postgres.stop())
  )
)

interface Worker {
  readonly program: Program
  /** Ids of streams that it has renamed. */
  readonly whole: Set<string>
  /** Rows that it has written, by stream. */
  readonly written: Map<string, number>
}

/** Workers, and what waits for a line that one of them prints. */
const makeWorkers = (environment: Record<string, string>, directory: string) => {
  const workers: Array<Worker> = []
  let check = (): void => {}
  const add = Effect.acquireRelease(
    Effect.sync((): Worker => {
      const whole = new Set<string>()
      const written = new Map<string, number>()
      const program = start(process.execPath, ["examples/queue/work.ts", directory], {
        cwd: root,
        env: { ...inherited, ...environment },
        onLine: (line) => {
          const [, id = "", rows] = /^(\w+): (?:(\d+) rows|whole)$/.exec(line) ?? []
          if (rows === undefined) whole.add(id)
          else written.set(id, Number(rows))
          check()
          return false
        }
      })
      const worker = { program, whole, written }
      workers.push(worker)
      return worker
    }),
    ({ program }) => Effect.promise(program.stop)
  )
  /** Waits until it is so; a worker that ends by itself, which none should, fails the test at once. */
  const until = (isSo: () => boolean) =>
    Effect.promise(() =>
      Promise.race([
        new Promise<void>((resolve) => {
          check = () => {
            if (isSo()) resolve()
          }
          check()
        }),
        ...workers.filter(({ program }) => !program.child.killed).map(({ program }) =>
          program.exited.then((code) => {
            if (!program.child.killed) throw new Error(`a worker ended with ${code}:\n${program.log()}`)
            return new Promise<void>(() => {})
          })
        )
      ])
    )
  const whole = (): ReadonlyArray<string> => [...new Set(workers.flatMap((worker) => [...worker.whole]))]
  return { all: workers as ReadonlyArray<Worker>, add, until, whole }
}

/** Ends a process by a signal, and waits for its end. */
const signal = ({ program }: Worker, name: "SIGKILL" | "SIGTERM") =>
  Effect.promise(() => {
    program.child.kill(name)
    return program.exited
  })

/** The ids of all rows in the files that are named by streams, in order. */
const idsOf = (directory: string, names: ReadonlyArray<string>): ReadonlyArray<number> =>
  names.flatMap((name) => {
    const lines = Fs.readFileSync(Path.join(directory, name), "utf8").split("\n")
    assert.strictEqual(lines.pop(), "")
    return lines.map((line): number => JSON.parse(line).id)
  }).toSorted((one, other) => one - other)

const everyId = Array.from({ length: count }, (_, id) => id)

/** Which streams were opened, one entry a request. */
const opened = (emulator: Emulator.Emulator["Service"], after: number) =>
  Effect.map(
    emulator.requests,
    (requests) =>
      requests.slice(after).filter(({ operation }) => operation === "readSessions.getStream").map(({ path }) => path)
  )

layer(Layer.merge(emulators, databases), { excludeTestServices: true })("distributed reading", (it) => {
  it.effect(
    "examples/threads counts the rows of each stream in one thread or another, once each",
    () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const before = (yield* emulator.requests).length
        const ran = yield* run(process.execPath, ["examples/threads/main.ts", "demo.penguins.birds", "species", "2"], {
          env: environment(emulator)
        })
        assert.strictEqual(ran.code, 0, ran.log)
        assert.deepStrictEqual(ran.out, [
          "20000 of 20000 rows in 4 streams, counted by 2 threads",
          "Adelie: 6667",
          "Chinstrap: 6667",
          "Gentoo: 6666"
        ], ran.log)
        assert.strictEqual(new Set(yield* opened(emulator, before)).size, 4)
      }),
    patience
  )

  it.effect(
    "examples/queue loses no row and doubles none where a worker is killed after half a stream",
    (context) =>
      Effect.gen(function*() {
        const postgres = yield* Database
        if (typeof postgres === "string") return context.skip(postgres)
        const emulator = yield* Emulator.Emulator
        const directory = yield* folder
        const settings = { ...environment(emulator), DATABASE_URL: postgres.url, QUEUE_LOCK_EXPIRATION: "3 seconds" }
        const before = (yield* emulator.requests).length

        const coordinated = yield* run(process.execPath, ["examples/queue/coordinate.ts", "demo.penguins.birds", "8"], {
          env: settings
        })
        assert.deepStrictEqual(coordinated.out, ["20000 rows in 8 streams"], coordinated.log)

        // the first stream that is opened stops in its middle: more than half of its rows come, never all
        yield* emulator.faults.add({ match: "readSessions.getStream", times: 1, do: { stallAfter: 60_000 } })
        const workers = makeWorkers(settings, directory)
        for (let added = 0; added < 4; added++) yield* workers.add
        // who holds it lives and keeps it, while they read all that is left
        const half = count / streams / 2
        const stuckIn = ({ whole, written }: Worker) =>
          [...written].find(([id, rows]) => rows >= half && !whole.has(id))?.[0]
        yield* workers.until(() =>
          workers.whole().length === streams - 1 && workers.all.some((worker) => stuckIn(worker) !== undefined)
        )
        const unlucky = workers.all.find((worker) => stuckIn(worker) !== undefined)!
        const lost = stuckIn(unlucky)!
        assert.notInclude(workers.whole(), lost)
        yield* signal(unlucky, "SIGKILL")
        yield* workers.until(() => workers.whole().length === streams)

        assert.isFalse(unlucky.whole.has(lost))
        const whole = workers.whole()
        assert.deepStrictEqual(idsOf(directory, whole), everyId)
        const files = Fs.readdirSync(directory).filter((name) => !name.includes(".part-"))
        assert.deepStrictEqual(files.toSorted(), whole.toSorted())

        // what the killed one wrote is there under its temporary name, and counts for nothing
        const parts = Fs.readdirSync(directory).filter((name) => name.startsWith(`${lost}.part-`))
        assert.strictEqual(parts.length, 1)
        const [part = ""] = Fs.readdirSync(Path.join(directory, parts[0]!))
        const lines = Fs.readFileSync(Path.join(directory, parts[0]!, part), "utf8").split("\n").length - 1
        assert.strictEqual(lines, unlucky.written.get(lost))
        assert.isBelow(lines, count / streams)
        assert.isAtLeast((yield* opened(emulator, before)).filter((path) => path.endsWith(lost)).length, 2)
      }).pipe(Effect.scoped),
    patience
  )

  it.effect(
    "a worker of examples/queue that is asked to stop gives its stream back at once",
    (context) =>
      Effect.gen(function*() {
        const postgres = yield* Database
        if (typeof postgres === "string") return context.skip(postgres)
        const emulator = yield* Emulator.Emulator
        const directory = yield* folder
        // nobody would wait for so long
        const settings = { ...environment(emulator), DATABASE_URL: postgres.url, QUEUE_LOCK_EXPIRATION: "1 hour" }
        const coordinated = yield* run(process.execPath, ["examples/queue/coordinate.ts", "demo.penguins.birds", "1"], {
          env: settings
        })
        assert.deepStrictEqual(coordinated.out, ["20000 rows in 1 streams"], coordinated.log)

        yield* emulator.faults.add({ match: "readSessions.getStream", times: 1, do: { stallAfter: 300_000 } })
        const workers = makeWorkers(settings, directory)
        const first = yield* workers.add
        yield* workers.until(() => first.written.size > 0)
        yield* signal(first, "SIGTERM")
        assert.deepStrictEqual(Fs.readdirSync(directory), [])

        yield* workers.add
        yield* workers.until(() => workers.whole().length === 1)
        assert.deepStrictEqual(Fs.readdirSync(directory), workers.whole())
        assert.deepStrictEqual(idsOf(directory, workers.whole()), everyId)
      }).pipe(Effect.scoped),
    patience
  )
})
