/**
 * Reads a file by what it claims to be.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { DuckFault, Session } from "../Database.ts"
import type { UploadOptions } from "../model.ts"
import type { ImportFailed } from "../StoreError.ts"
import * as Delimited from "./delimited.ts"
import * as GeoJson from "./geoJson.ts"
import { failed, type ImportPlan } from "./ImportPlan.ts"
import * as Json from "./json.ts"
import * as Parquet from "./parquet.ts"

const typesByEnding: ReadonlyArray<readonly [ending: string, type: string]> = [
  [".ndjson", "ndjson"],
  [".jsonl", "ndjson"],
  [".json", "json"],
  [".parquet", "parquet"],
  [".geojson", "geojson"],
  [".geojsonl", "geojsonl"],
  [".avro", "avro"],
  [".orc", "orc"],
  [".xls", "xls"],
  [".xlsx", "xlsx"],
  [".dta", "dta"],
  [".sas7bdat", "sas7bdat"],
  [".sav", "sav"],
  [".shp.zip", "shp.zip"],
  [".shp", "shp"],
  [".kml", "kml"]
]

/** Type of an upload by the end of its name; delimited text where that says nothing. */
export const typeOfName = (name: string): string =>
  typesByEnding.find(([ending]) => name.toLowerCase().endsWith(ending))?.[1] ?? "delimited"

export const plan = (
  session: Session,
  path: string,
  type: string,
  options: UploadOptions
): Effect.Effect<ImportPlan, ImportFailed | DuckFault> => {
  switch (type) {
    case "delimited":
      return Delimited.plan(session, path, options)
    case "json":
      return Json.plan(session, path, "array")
    case "ndjson":
      return Json.plan(session, path, "newline_delimited")
    case "parquet":
      return Parquet.plan(session, path)
    case "geojson":
    case "geojsonl":
      return GeoJson.plan(session, path, type)
    default:
      return Effect.fail(
        failed(`Files of type ${type} are not read by the emulator: convert the file to parquet or CSV`)
      )
  }
}
