/** GeoJSON: a collection of features, or a feature a line. Properties become variables, the geometry well-known text. */
import * as Effect from "effect/Effect"
import type { DuckFault, Session } from "../Database.ts"
import * as Decode from "../decode.ts"
import { quoteName, quoteText } from "../identifiers.ts"
import type { ImportFailed } from "../StoreError.ts"
import { failed, type ImportPlan, pathLiteral } from "./ImportPlan.ts"
import { allCandidates, infer, valueOf } from "./inference.ts"
import { variableNames } from "./names.ts"

const largestObject = 1024 * 1024 * 1024

const position = "\\[(-?[0-9.eE+-]+),(-?[0-9.eE+-]+)(,-?[0-9.eE+-]+)?\\]"

/** Coordinates are nested in JSON as they are in well-known text, with other signs. */
const geometryText = (geometry: string): string => {
  const nested =
    `translate(regexp_replace(CAST(${geometry} -> 'coordinates' AS VARCHAR), '${position}', '\\1 \\2', 'g'), '[]', '()')`
  const kind = `upper(${geometry} ->> 'type')`
  return `CASE WHEN ${geometry} ->> 'type' IS NULL THEN NULL ` +
    `WHEN ${geometry} ->> 'type' = 'Point' THEN ${kind} || '(' || ${nested} || ')' ` +
    `WHEN ${geometry} ->> 'type' = 'GeometryCollection' THEN error('Collections of geometries are not read by the emulator') ` +
    `ELSE ${kind} || ${nested} END`
}

export const plan = (
  session: Session,
  path: string,
  type: "geojson" | "geojsonl"
): Effect.Effect<ImportPlan, ImportFailed | DuckFault> =>
  Effect.gen(function*() {
    const options = `maximum_object_size = ${largestObject}`
    const from = type === "geojsonl"
      ? `(SELECT json AS feature FROM read_json_objects(${pathLiteral(path)}, format = 'newline_delimited'))`
      : `(SELECT unnest(features) AS feature FROM (SELECT from_json(json -> 'features', '["JSON"]') AS features
          FROM read_json_objects(${pathLiteral(path)}, format = 'unstructured', ${options})))`
    const keyRows = yield* session.rows(
      `SELECT key FROM (
         SELECT unnest(keys) AS key, generate_subscripts(keys, 1) AS place, n FROM (
           SELECT json_keys(feature -> 'properties') AS keys, row_number() OVER () AS n FROM ${from}
         )
       ) GROUP BY key ORDER BY min(n), min(place)`
    )
    const [counted] = yield* session.rows(`SELECT count(*) AS n FROM ${from}`)
    if (Decode.number(counted!, "n") === 0) return yield* failed("The file has no features")
    const keys = keyRows.map((row) => Decode.text(row, "key"))
    const texts = keys.map((key) => {
      const value = `(feature -> 'properties' -> ${quoteText(`$."${key.replaceAll("\"", "\\\"")}"`)})`
      return `(CASE json_type(${value}) WHEN 'VARCHAR' THEN ${value} ->> '$' WHEN 'NULL' THEN NULL ` +
        `ELSE CAST(${value} AS VARCHAR) END)`
    })
    const types = yield* infer(session, from, texts.map((text) => ({ text, candidates: allCandidates })))
    const names = variableNames([...keys, "geometry"])
    return {
      columns: names.map((name, index) => ({ name, type: types[index] ?? "geography" })),
      select: `SELECT ${
        [
          ...texts.map((text, index) => `${valueOf(types[index]!, text)} AS ${quoteName(names[index]!)}`),
          `${geometryText("(feature -> 'geometry')")} AS ${quoteName(names.at(-1)!)}`
        ].join(", ")
      } FROM ${from}`,
      badRecords: Effect.succeed(0)
    }
  })
