/** What is counted of a variable's values, over the rows of a relation. */
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import type { Database } from "./Database.ts"
import * as Decode from "./decode.ts"
import { variableKey } from "./identifiers.ts"
import type * as Model from "./model.ts"
import { type Relation, type Relations, selectSegment } from "./relations.ts"

type Content = Omit<Model.Statistics, "status">

const nothing: Content = {}

const isNumber = (type: Model.VariableType): boolean => type === "integer" || type === "float"

/** SQL for the number that stands for a value where values are ordered: nothing where they are not. */
const measured = (type: Model.VariableType): string | undefined => {
  switch (type) {
    case "integer":
    case "float":
      return "CAST(v AS DOUBLE)"
    case "date":
    case "dateTime":
      return "CAST(epoch_ms(CAST(v AS TIMESTAMP)) AS DOUBLE)"
    case "time":
      return "CAST(epoch_us(v) // 1000 AS DOUBLE)"
    case "string":
      return "CAST(length(v) AS DOUBLE)"
    default:
      return undefined
  }
}

/** The columns of the one row of counts. */
const counts = (type: Model.VariableType): string => {
  const all = ["count(v) AS count", "count(DISTINCT v) AS num_distinct"]
  const number = measured(type)
  if (number !== undefined) all.push(`min(${number}) AS min`, `max(${number}) AS max`)
  if (isNumber(type)) {
    // the deviation of what is not finite is none, nor is that of what has no square: neither may meet the function
    all.push(
      "avg(v) AS mean",
      "CAST(median(v) AS DOUBLE) AS median",
      `CASE WHEN bool_and(abs(${number}) < 1e150) THEN
         stddev_samp(CASE WHEN abs(${number}) < 1e150 THEN ${number} END) END AS deviation`
    )
  }
  return all.join(", ")
}

/** Positions in well-known text are pairs of numbers, the longitude first. */
const pair = "-?[0-9.]+(?:[eE][-+]?[0-9]+)? +-?[0-9.]+(?:[eE][-+]?[0-9]+)?"

const box = (rows: string): string =>
  `SELECT min(x) AS west, max(x) AS east, max(y) AS north, min(y) AS south FROM (
     SELECT TRY_CAST(split_part(p, ' ', 1) AS DOUBLE) AS x, TRY_CAST(split_part(p, ' ', -1) AS DOUBLE) AS y
     FROM (SELECT unnest(regexp_extract_all(v, '${pair}')) AS p FROM (${rows}))
   )`

/** A number under its name, or nothing where there is none. */
const named = (name: keyof Content, value: unknown): Content =>
  typeof value === "number" && Number.isFinite(value) ? { [name]: value } : nothing

export interface Counting {
  readonly statistics: Model.Statistics
  readonly count: Effect.Effect<void> | undefined
}

/** Looks up, or begins to count. */
export const makeStatistics =
  (database: Database, relations: Relations) =>
  (relation: Relation, column: Model.SchemaField): Effect.Effect<Counting> => {
    const key = [relation.id, variableKey(column.name)]

    const settle = (status: Model.JobStatus, content: Content): Effect.Effect<void> =>
      database.write(
        database.run(
          "UPDATE registry.statistics SET status = $3, content = $4 WHERE relation_id = $1 AND variable_key = $2",
          [
            ...key,
            status,
            JSON.stringify(content)
          ]
        )
      )

    const count = Effect.gen(function*() {
      const segments = yield* relations.segments(relation.id)
      const parts = yield* Effect.forEach(
        segments,
        (segment) =>
          Effect.map(
            Contents.columnsOf(database, segment.contentId),
            (own) =>
              selectSegment(segment, own, [column], { from: 0, to: segment.numRows }, ([value]) => `${value} AS v`)
          )
      )
      const rows = parts.length === 0 ? "SELECT NULL AS v WHERE false" : parts.join(" UNION ALL ")
      const [row] = yield* database.rows(`SELECT ${counts(column.type)} FROM (${rows})`)
      const [area] = column.type === "geography" ? yield* database.rows(box(rows)) : []
      const west = area?.["west"]
      yield* settle("completed", {
        count: Decode.number(row!, "count"),
        numDistinct: Decode.number(row!, "num_distinct"),
        ...named("min", row!["min"]),
        ...named("max", row!["max"]),
        ...named("mean", row!["mean"]),
        ...named("approxMedian", row!["median"]),
        ...named("stdDev", row!["deviation"]),
        ...(area === undefined || typeof west !== "number" ? undefined : {
          geoBBox: {
            westLongitude: west,
            eastLongitude: Decode.number(area, "east"),
            northLatitude: Decode.number(area, "north"),
            southLatitude: Decode.number(area, "south")
          }
        })
      })
    }).pipe(Effect.onError(() => settle("failed", nothing)))

    return database.write(Effect.gen(function*() {
      const [known] = yield* database.rows(
        "SELECT status, content FROM registry.statistics WHERE relation_id = $1 AND variable_key = $2",
        key
      )
      if (known !== undefined) {
        const content = Decode.json<Content>(known, "content")
        return { statistics: { status: Decode.word<Model.JobStatus>(known, "status"), ...content }, count: undefined }
      }
      yield* database.run(
        "INSERT INTO registry.statistics (relation_id, variable_key, status, content) VALUES ($1, $2, 'running', $3)",
        [
          ...key,
          JSON.stringify(nothing)
        ]
      )
      return { statistics: { status: "running" as const }, count }
    }))
  }
