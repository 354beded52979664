/** The file of rows that text is written anew into, and what DuckDB makes of it. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import { open, rm } from "node:fs/promises"
import type { DuckFault, Session } from "../Database.ts"
import { quoteName, quoteText } from "../identifiers.ts"
import type { ImportFailed } from "../StoreError.ts"
import { type ImportPlan, pathLiteral } from "./ImportPlan.ts"
import { infer, type Kind, typeOf, valueOf } from "./inference.ts"
import { type BlockReader, readBlocks, type RowText } from "./textFile.ts"

/** Where the rows of a file are while it is imported: beside it. */
export const rowsFileOf = (path: string): string => `${path}.rows`

const isImportFailed = (cause: unknown): cause is ImportFailed => Predicate.isTagged(cause, "ImportFailed")

/** Runs what throws `ImportFailed` for what is wrong with a file; anything else is a defect. */
export const reading = <A>(run: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, ImportFailed> =>
  Effect.tryPromise({ try: run, catch: (cause) => cause }).pipe(
    Effect.catch((cause) => isImportFailed(cause) ? Effect.fail(cause) : Effect.die(cause))
  )

/** Reads the whole file into a file of rows, which goes with the scope. */
export const writeRows = (
  source: { readonly path: string; readonly isCompressed: boolean },
  reader: BlockReader,
  rows: RowText
): Effect.Effect<string, ImportFailed, Scope.Scope> => {
  const path = rowsFileOf(source.path)
  return Effect.acquireRelease(Effect.succeed(path), () => Effect.promise(() => rm(path, { force: true }))).pipe(
    Effect.tap(reading(async (signal) => {
      await using file = await open(path, "w", 0o600)
      await readBlocks(source, reader, signal, () => rows.flush(file))
    }))
  )
}

/** DuckDB's own bound, which it holds many lines of at once: it is raised only where it is too little. */
const usualLine = 2_000_000

export interface RowsColumn {
  readonly name: string
  readonly candidates: ReadonlyArray<Kind>
  /** What it is where that is known. */
  readonly kind?: Kind | undefined
}

/** The plan for a file of rows whose columns are these; `order` says which comes first where that is another. */
export const planOfRows = (
  session: Session,
  path: string,
  rows: RowText,
  columns: ReadonlyArray<RowsColumn>,
  options: { readonly badRecords?: number; readonly order?: ReadonlyArray<number> } = {}
): Effect.Effect<ImportPlan, DuckFault> =>
  Effect.gen(function*() {
    const source = `read_csv(${
      [
        pathLiteral(path),
        "auto_detect = false",
        "header = false",
        `delim = ${quoteText(rows.delimiter)}`,
        "quote = '\"'",
        "escape = '\"'",
        "new_line = '\\n'",
        "nullstr = ['']",
        "allow_quoted_nulls = false",
        // a thread that begins in the middle must see where it is
        `parallel = ${!rows.hasLineBreaks}`,
        // DuckDB sees neutral names: a name of the file may be one that its options cannot carry
        `columns = {${columns.map((_, index) => `'c${index}': 'VARCHAR'`).join(", ")}}`,
        ...(rows.longest < usualLine ? [] : [`max_line_size = ${rows.longest + 1}`])
      ].join(", ")
    })`
    const inferred = yield* infer(
      session,
      source,
      columns.map(({ candidates }, index) => ({ text: `c${index}`, candidates }))
    )
    const kinds = columns.map(({ kind }, index) => kind ?? inferred[index]!)
    const order = options.order ?? columns.map((_, index) => index)
    return {
      columns: order.map((index) => ({ name: columns[index]!.name, type: typeOf(kinds[index]!) })),
      select: `SELECT ${
        order.map((index) => `${valueOf(kinds[index]!, `c${index}`)} AS ${quoteName(columns[index]!.name)}`).join(", ")
      } FROM ${source}`,
      numRows: rows.numRows,
      badRecords: options.badRecords ?? 0
    }
  })
