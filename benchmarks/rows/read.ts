/**
 * Reads the rows of a recorded table again and again by one contender, and
 * prints the CPU seconds of each round and the most memory that the process had.
 */
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Table from "@effect-redivis/core/Table"
import * as NodeRedivis from "@effect-redivis/node/NodeRedivis"
import * as Flechette from "@uwdata/flechette"
import * as Apache from "apache-arrow"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Answers from "./answers.ts"

/** What of the official client is used; its package has no types. */
interface Official {
  readonly organization: (name: string) => {
    readonly dataset: (name: string) => {
      readonly table: (name: string) => { readonly listRows: () => Promise<ReadonlyArray<unknown>> }
    }
  }
}

/** `source` is a folder with a recording, which is read in this process, or the endpoint of its server. */
const [contender = "ours", source = ""] = process.argv.slice(2)
const isServed = source.startsWith("http:")
const endpoint = isServed ? source : "https://recorded.example/api/v1"
if (!isServed) globalThis.fetch = Answers.fetchFrom(Answers.read(source))

process.env["REDIVIS_API_TOKEN"] = "token"
process.env["REDIVIS_API_ENDPOINT"] = endpoint

const options = { endpoint, token: Redacted.make("token") }
const layer = isServed ? NodeRedivis.layer(options) : Redivis.layerFetch(options)
const rows = Table.rows("owner.dataset.table")
const stream = (): Promise<Response> => fetch(`${endpoint}/readStreams/1?eosSentinel=true`)

interface Result {
  readonly length: number
}

/** One array a column, of what gives rows alone. */
const byColumn = (rows: ReadonlyArray<unknown>): Result => {
  const objects = rows as ReadonlyArray<Readonly<Record<string, unknown>>> // as its documentation says
  const columns = Object.fromEntries(
    Object.keys(objects[0] ?? {}).map((name) => [name, objects.map((row) => row[name])])
  )
  return { length: Object.values(columns)[0]?.length ?? 0 }
}

const lengthOf = (columns: ReadonlyArray<{ readonly length: number }>): Result => ({ length: columns[0]?.length ?? 0 })

const officialRows = async (): Promise<() => Promise<ReadonlyArray<unknown>>> => {
  const name = "redivis"
  const official = await import(name) as Official
  return () => official.organization("owner").dataset("dataset").table("table").listRows()
}

const contenders: Readonly<Record<string, () => Promise<() => Promise<Result>>>> = {
  /** Row by row as they come, which is what the stream is for. */
  ours: async () => {
    const runtime = ManagedRuntime.make(layer)
    return () =>
      runtime.runPromise(Effect.suspend(() => {
        let length = 0
        return Stream.runForEachArray(rows, (some) => Effect.sync(() => void (length += some.length))).pipe(
          Effect.map(() => ({ length }))
        )
      }))
  },
  /** All rows in one array, as the others give them. */
  collected: async () => {
    const runtime = ManagedRuntime.make(layer)
    return () => runtime.runPromise(Stream.runCollect(rows))
  },
  official: officialRows,
  flechette: async () => async () => Flechette.tableFromIPC(await (await stream()).arrayBuffer()).toArray(),
  apache: async () => async () => (await Apache.tableFromIPC(stream())).toArray().map((row) => row.toJSON()),
  oursColumns: async () => {
    const runtime = ManagedRuntime.make(layer)
    return () =>
      runtime.runPromise(
        Effect.map(Table.columns("owner.dataset.table"), ({ columns, names }) =>
          lengthOf(names.map((name) => columns[name]!.values)))
      )
  },
  officialColumns: async () => {
    const read = await officialRows()
    return async () => byColumn(await read())
  },
  flechetteColumns: async () => async () => {
    const table = Flechette.tableFromIPC(await (await stream()).arrayBuffer())
    return lengthOf(table.names.map((name) => table.getChild(String(name)).toArray()))
  },
  apacheColumns: async () => async () => {
    const table = await Apache.tableFromIPC(stream())
    return lengthOf(table.schema.fields.map(({ name }) => table.getChild(name)!.toArray()))
  }
}

const start = contenders[contender]
if (start === undefined) throw new Error(`no contender ${contender}`)
const run = await start()
/** Seconds of CPU that are spent on readings before they count, and on those that do; and how many those are at least. */
const secondsOfEach = 1.5
const fewest = 3
const spent: Array<{ readonly cpu: number; readonly rows: number }> = []

const read = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  const before = process.cpuUsage()
  const { length } = await run()
  const { system, user } = process.cpuUsage(before)
  spent.push({ cpu: (user + system) / 1e6, rows: length })
}

const readForLong = async (): Promise<void> => {
  spent.length = 0
  while (spent.length < fewest || spent.reduce((sum, { cpu }) => sum + cpu, 0) < secondsOfEach) await read()
}

await readForLong()
await readForLong()
const peak = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ rounds: spent, peak }))
process.exit(0)
