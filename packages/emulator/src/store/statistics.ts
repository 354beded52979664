/** What is counted of a variable's values, over the rows of a relation. */
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import type { Database } from "./Database.ts"
import * as Decode from "./decode.ts"
import { variableKey } from "./identifiers.ts"
import type * as Model from "./model.ts"
import { type Relation, type Relations, selectSegment } from "./relations.ts"
import { textOf } from "./types.ts"

const nothing: Omit<Model.Statistics, "status"> = {
  count: null,
  numDistinct: null,
  min: null,
  max: null,
  mean: null,
  approxMedian: null,
  geoBBox: null
}

const isNumber = (type: Model.VariableType): boolean => type === "integer" || type === "float"

const isMoment = (type: Model.VariableType): boolean => type === "date" || type === "dateTime" || type === "time"

/** SQL for one value as JSON has it: numbers as doubles, dates and times as text. */
const shown = (type: Model.VariableType, value: string): string =>
  isNumber(type) ? `CAST(${value} AS DOUBLE)` : textOf(type, value)

/** The columns of the one row of counts. */
const counts = (type: Model.VariableType): string => {
  const all = ["count(v) AS count", "count(DISTINCT v) AS num_distinct"]
  if (isNumber(type) || isMoment(type)) all.push(`${shown(type, "min(v)")} AS min`, `${shown(type, "max(v)")} AS max`)
  if (isNumber(type)) all.push("avg(v) AS mean", "CAST(median(v) AS DOUBLE) AS median")
  return all.join(", ")
}

/** Positions in well-known text are pairs of numbers, the longitude first. */
const pair = "-?[0-9.]+(?:[eE][-+]?[0-9]+)? +-?[0-9.]+(?:[eE][-+]?[0-9]+)?"

const box = (rows: string): string =>
  `SELECT min(x) AS west, max(x) AS east, max(y) AS north, min(y) AS south FROM (
     SELECT TRY_CAST(split_part(p, ' ', 1) AS DOUBLE) AS x, TRY_CAST(split_part(p, ' ', -1) AS DOUBLE) AS y
     FROM (SELECT unnest(regexp_extract_all(v, '${pair}')) AS p FROM (${rows}))
   )`

const finite = (value: unknown): number | string | null =>
  typeof value === "string" || (typeof value === "number" && Number.isFinite(value)) ? value : null

export interface Counting {
  readonly statistics: Model.Statistics
  readonly count: Effect.Effect<void> | undefined
}

/** Looks up, or begins to count. */
export const makeStatistics =
  (database: Database, relations: Relations) =>
  (relation: Relation, column: Model.SchemaField): Effect.Effect<Counting> => {
    const key = [relation.id, variableKey(column.name)]

    const settle = (status: Model.JobStatus, content: Omit<Model.Statistics, "status">): Effect.Effect<void> =>
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
        min: finite(row!["min"]),
        max: finite(row!["max"]),
        mean: finite(row!["mean"]),
        approxMedian: finite(row!["median"]),
        geoBBox: area === undefined || typeof west !== "number" ? null : {
          westLongitude: west,
          eastLongitude: Decode.number(area, "east"),
          northLatitude: Decode.number(area, "north"),
          southLatitude: Decode.number(area, "south")
        }
      })
    }).pipe(Effect.onError(() => settle("failed", nothing)))

    return database.write(Effect.gen(function*() {
      const [known] = yield* database.rows(
        "SELECT status, content FROM registry.statistics WHERE relation_id = $1 AND variable_key = $2",
        key
      )
      if (known !== undefined) {
        const content = Decode.json<Omit<Model.Statistics, "status">>(known, "content")
        return { statistics: { ...content, status: Decode.word<Model.JobStatus>(known, "status") }, count: undefined }
      }
      yield* database.run(
        "INSERT INTO registry.statistics (relation_id, variable_key, status, content) VALUES ($1, $2, 'running', $3)",
        [
          ...key,
          JSON.stringify(nothing)
        ]
      )
      return { statistics: { ...nothing, status: "running" as const }, count }
    }))
  }
