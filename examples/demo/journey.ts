/** What a researcher does, from a file to a chart. It knows of no emulator. */
import { Dataset, Query, Redivis, Table, Upload, User, Version } from "@effect-redivis/core"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Stream from "effect/Stream"
import { chart } from "./chart.ts"
import { readCsv, writeCsv } from "./csvFile.ts"
import { readSource, type Source } from "./flights.ts"
import { withNotice, withProgress } from "./progress.ts"
import { byteRate, count, megabytes, rowRate, seconds } from "./quantities.ts"
import { step } from "./step.ts"
import { difference, type Hour, makeTally } from "./tally.ts"

/** What two ways of counting the same flights do not agree on. */
export class Disagreement
  extends Data.TaggedError("Disagreement")<{ readonly between: string; readonly what: string }>
{
  override get message(): string {
    return `${this.between} do not agree: ${this.what}.`
  }
}

const agree = (
  between: string,
  expected: number,
  found: number | null | undefined
): Effect.Effect<void, Disagreement> =>
  expected === found
    ? Effect.void
    : Effect.fail(new Disagreement({ between, what: `${count(expected)} rows and ${found ?? "no number of"} rows` }))

const agreeByHour = (
  between: string,
  expected: ReadonlyArray<Hour>,
  found: ReadonlyArray<Hour>
): Effect.Effect<void, Disagreement> => {
  const what = difference(expected, found)
  return what === undefined ? Effect.void : Effect.fail(new Disagreement({ between, what }))
}

const upload = Effect.fnUntraced(function*(table: Table.Table, source: Source) {
  const fileSystem = yield* FileSystem.FileSystem
  const [sending, upload] = yield* withProgress(
    { total: source.bytes, describe: (bytes, elapsed) => `${megabytes(bytes)}, ${byteRate(bytes, elapsed)}` },
    (progress) =>
      Effect.timed(Upload.create(table, {
        name: source.name,
        type: "json",
        data: {
          stream: Stream.tap(fileSystem.stream(source.path), (bytes) => progress.add(bytes.byteLength)),
          size: source.bytes
        },
        wait: false
      }))
  )
  const [importing, imported] = yield* withNotice("importing", Effect.timed(Upload.wait(upload)))
  const rows = imported.numRows ?? 0
  yield* step(
    "Upload",
    `${source.name}, ${megabytes(source.bytes)} in ${seconds(sending)} (${byteRate(source.bytes, sending)}), ` +
      `imported as ${count(rows)} rows within ${seconds(importing)}`
  )
  yield* agree("The file and its import", source.tally.flights(), rows)
})

/** Each flight with the hour of its departure. */
const flightsByHour = (table: string): string =>
  `select cast(floor(time) as int64) as hour, distance, delay, delay >= 15 as late from \`${table}\` order by time`

const delaysByHour = (table: string): string =>
  `select cast(floor(time) as int64) as hour, count(*) as flights, sum(delay) as delay
from \`${table}\` group by hour order by hour`

/** Flights of an hour whose mean says something. */
const enough = 500

const runQuery = Effect.fnUntraced(function*(what: string, sql: string) {
  const [duration, query] = yield* withNotice("running the query", Effect.timed(Query.run(sql)))
  const rows = query.outputNumRows ?? 0
  yield* step("Query", `${what}: ${count(rows)} rows in ${seconds(duration)}`)
  return { query, rows }
})

const readToFile = Effect.fnUntraced(function*(query: Query.Query, total: number, file: string) {
  const tally = makeTally()
  const [duration, written] = yield* withProgress(
    { total, describe: (rows, elapsed) => `${count(rows)} rows, ${rowRate(rows, elapsed)}` },
    (progress) =>
      Effect.timed(
        writeCsv(file, ["hour", "distance", "delay", "late"], Query.rows(query), (rows) => {
          for (const { delay, hour } of rows) tally.add(Number(hour), Number(delay))
          return progress.add(rows.length)
        })
      )
  )
  yield* step(
    "Rows",
    `${count(written.rows)} rows in ${seconds(duration)} (${rowRate(written.rows, duration)}), ` +
      `${megabytes(written.bytes)} in ${file}`
  )
  return { rows: written.rows, tally }
})

/** From the table to the chart. `reference` is the dataset's, without a version: current, once one is released. */
const research = Effect.fnUntraced(function*(reference: string, source: Source, directory: string) {
  const path = yield* Path.Path
  const table = yield* Table.create(`${reference}:next`, { name: "flights" })
  yield* step("Dataset", `${reference} with the table flights`)
  yield* upload(table, source)
  const [releasing, version] = yield* withNotice("releasing", Effect.timed(Version.release(reference)))
  yield* step("Release", `${version.tag} in ${seconds(releasing)}`)

  const byHour = yield* runQuery("delays by hour", delaysByHour(`${reference}.flights`))
  const hours = (yield* Stream.runCollect(Query.rows(byHour.query))).map(
    (row): Hour => ({ hour: Number(row.hour), flights: Number(row.flights), delay: Number(row.delay) })
  )
  const flights = yield* runQuery("every flight with its hour", flightsByHour(`${reference}.flights`))
  const file = path.join(directory, "flights.csv")
  const read = yield* readToFile(flights.query, flights.rows, file)

  yield* Console.log(
    `\nMean delay by the hour of departure, in minutes, where there are ${count(enough)} flights or more\n`
  )
  const bars = hours.filter(({ flights }) => flights >= enough).map(({ delay, flights, hour }) => ({
    label: `${hour}`.padStart(2, "0"),
    value: delay / flights
  }))
  for (const line of chart(bars, 50)) yield* Console.log(`  ${line}`)
  yield* Console.log("")

  const kept = makeTally()
  yield* Stream.runForEach(
    readCsv(file),
    ({ delay, hour }) => Effect.sync(() => kept.add(Number(hour), Number(delay)))
  )
  yield* agree("The file and the query", source.tally.flights(), flights.rows)
  yield* agree("The query and the rows that came", flights.rows, read.rows)
  yield* agree("The rows that came and the CSV", read.rows, kept.flights())
  yield* agreeByHour("The file and the SQL", source.tally.hours(), hours)
  yield* agreeByHour("The SQL and the rows that came", hours, read.tally.hours())
  yield* agreeByHour("The SQL and the CSV", hours, kept.hours())
  yield* step(
    "Check",
    `file, import, SQL, rows and CSV agree hour by hour: ${count(kept.flights())} flights, ${
      count(kept.delay())
    } minutes of delay`
  )
})

export interface Options<E, R> {
  /** Where the CSV file goes. */
  readonly directory: string
  /** Asked with what is about to be made; false: nothing is. */
  readonly confirm: (plan: string) => Effect.Effect<boolean, E, R>
}

/** All steps, on a dataset of its own that is deleted at the end, however that comes. */
export const journey = Effect.fnUntraced(function*<E, R>({ confirm, directory }: Options<E, R>) {
  const fileSystem = yield* FileSystem.FileSystem
  const source = yield* readSource
  const { name: user } = yield* User.me()
  const { endpoint } = yield* Redivis.Redivis
  const now = DateTime.formatIso(yield* DateTime.now).slice(0, 19).replaceAll(/\D/g, "")
  const name = `effect_redivis_demo_${now}`
  const reference = `${user}.${name}`
  const plan =
    `At ${endpoint}, as the user ${user}: makes the private dataset ${name} with the table flights, uploads ${
      megabytes(source.bytes)
    } into it, releases it, runs two queries, reads ${count(source.tally.flights())} rows, and deletes the dataset.`
  if (!(yield* confirm(plan))) return yield* Console.log("Nothing was made.")
  yield* fileSystem.makeDirectory(directory, { recursive: true })
  yield* Effect.acquireUseRelease(
    Dataset.create({ user }, { name, description: "Made by the demo of effect-redivis, which deletes it." }),
    () => research(reference, source, directory),
    () =>
      Dataset.remove(reference).pipe(
        Effect.andThen(step("Clean up", `deleted ${reference}`)),
        Effect.tapError(() => Console.error(`The dataset ${reference} could not be deleted: delete it by hand.`))
      )
  )
})
