/**
 * Reads a file by what it claims to be, once its first bytes do not say that it
 * is something else.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { DuckFault, Session } from "../Database.ts"
import type { UploadOptions } from "../model.ts"
import type { ImportFailed } from "../StoreError.ts"
import * as Delimited from "./delimited.ts"
import { kindOfBytes } from "./fileKind.ts"
import * as GeoJson from "./geoJson.ts"
import { failed, type ImportPlan } from "./ImportPlan.ts"
import * as Json from "./json.ts"
import * as Parquet from "./parquet.ts"
import { reading } from "./rowsFile.ts"
import { readStart, startOf } from "./textFile.ts"

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

/** Type of an upload by the end of its name, compressed or not; delimited text where that says nothing. */
export const typeOfName = (name: string): string => {
  const plain = name.toLowerCase().replace(/\.gz$/, "")
  return typesByEnding.find(([ending]) => plain.endsWith(ending))?.[1] ?? "delimited"
}

const wordOf: Readonly<Record<string, string>> = {
  delimited: "delimited text",
  json: "JSON",
  ndjson: "JSON, an object a line",
  geojson: "GeoJSON",
  geojsonl: "GeoJSON, a feature a line"
}

const planOfText = (
  session: Session,
  path: string,
  type: string,
  options: UploadOptions
): Effect.Effect<ImportPlan, ImportFailed | DuckFault, Scope.Scope> =>
  Effect.gen(function*() {
    const start = yield* reading(() => startOf(path, Delimited.sampleLength))
    if (start.bytes.length === 0) return yield* failed("The file is empty")
    const kind = kindOfBytes(start.bytes)
    if (kind !== undefined) {
      const what = start.isCompressed ? "What the gzip holds" : "The file"
      const advice = kind.type !== undefined
        ? start.isCompressed ? `Upload it uncompressed, as type ${kind.type}.` : `Upload it as type ${kind.type}.`
        : kind.is.startsWith("UTF-")
        ? "Save it as UTF-8."
        : "Convert it to CSV or parquet."
      return yield* failed(
        `${what} is not ${wordOf[type]}, but ${kind.is}. ${advice}`.replace("but no text", "and no text")
      )
    }
    switch (type) {
      case "json":
        return yield* Json.plan(session, path, start, "array")
      case "ndjson":
        return yield* Json.plan(session, path, start, "lines")
      case "geojson":
        return yield* GeoJson.plan(session, path, start, "collection")
      case "geojsonl":
        return yield* GeoJson.plan(session, path, start, "lines")
      default:
        return yield* Delimited.plan(session, path, start, options)
    }
  })

export const plan = (
  session: Session,
  path: string,
  type: string,
  options: UploadOptions
): Effect.Effect<ImportPlan, ImportFailed | DuckFault, Scope.Scope> =>
  Effect.gen(function*() {
    if (Object.hasOwn(wordOf, type)) return yield* planOfText(session, path, type, options)
    if (type !== "parquet") {
      return yield* failed(`Files of type ${type} are not read by the emulator: convert the file to parquet or CSV`)
    }
    const bytes = yield* reading(() => readStart(path, 4096))
    if (bytes.length === 0) return yield* failed("The file is empty")
    const kind = kindOfBytes(bytes)
    if (kind?.type !== "parquet") {
      return yield* failed(
        `The file is not parquet, but ${kind === undefined ? "text" : kind.is}. ` +
          "Give the upload the type of what it is, or convert it."
      )
    }
    return yield* Parquet.plan(session, path)
  })
