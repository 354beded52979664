/** JSON: an array of objects, or an object a line. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { DuckFault, Session } from "../Database.ts"
import type { ImportFailed } from "../StoreError.ts"
import { failed, type ImportPlan } from "./ImportPlan.ts"
import { makeArrayReader, makeLineReader, type OnRecord } from "./jsonReader.ts"
import { type JsonRows, type Known, makeJsonRows } from "./jsonRows.ts"
import { variableNames } from "./names.ts"
import { planOfRows, writeRows } from "./rowsFile.ts"
import { type BlockReader, RowText, type Start } from "./textFile.ts"

interface Written {
  readonly file: string
  readonly rows: RowText
  readonly objects: JsonRows
}

/** Writes the rows of a file's objects: a second time where the first did not know all columns from the start. */
export const writeObjects = (
  source: { readonly path: string; readonly isCompressed: boolean },
  makeReader: (onRecord: OnRecord) => BlockReader,
  options: Pick<Parameters<typeof makeJsonRows>[1], "own" | "membersOf"> = {}
): Effect.Effect<Written, ImportFailed, Scope.Scope> => {
  const attempt = (known: Known | undefined): Effect.Effect<Written, ImportFailed, Scope.Scope> =>
    Effect.suspend(() => {
      const rows = new RowText(",")
      const objects = makeJsonRows(rows, { ...options, known })
      const reader = makeReader(objects.add)
      return Effect.map(writeRows(source, reader, rows), (file) => ({ file, rows, objects }))
    })
  return Effect.flatMap(
    attempt(undefined),
    (first) => first.objects.isIncomplete() ? attempt(first.objects.known()) : Effect.succeed(first)
  )
}

export const plan = (
  session: Session,
  path: string,
  start: Start,
  format: "array" | "lines"
): Effect.Effect<ImportPlan, ImportFailed | DuckFault, Scope.Scope> =>
  Effect.gen(function*() {
    const { file, objects, rows } = yield* writeObjects(
      { path, isCompressed: start.isCompressed },
      (onRecord) => format === "lines" ? makeLineReader(onRecord) : makeArrayReader(undefined, onRecord)
    )
    if (objects.numRecords() === 0) return yield* failed("The file has no objects, so there are no rows to import")
    const columns = objects.columns()
    if (columns.length === 0) return yield* failed("The objects of the file have nothing in them")
    const names = variableNames(columns.map(({ name }) => name))
    return yield* planOfRows(session, file, rows, columns.map((column, index) => ({ ...column, name: names[index]! })))
  })
