/** Delimited text: CSV and its kin. */
import * as Effect from "effect/Effect"
import { open } from "node:fs/promises"
import { type DuckFault, type Session } from "../Database.ts"
import * as Decode from "../decode.ts"
import { makeId, quoteName, quoteText } from "../identifiers.ts"
import type { UploadOptions } from "../model.ts"
import type { ImportFailed } from "../StoreError.ts"
import { failed, type ImportPlan, isTooLong, pathLiteral } from "./ImportPlan.ts"
import { allCandidates, infer, valueOf } from "./inference.ts"
import { variableNames } from "./names.ts"
import { type Dialect, findDelimiter, parseRecords } from "./records.ts"

const firstBytes = 4 * 1024 * 1024
/** DuckDB holds many lines of this length at once, so more is asked for only where less is too little. */
const longerLines = [16, 256].map((megabytes) => megabytes * 1024 * 1024)

/** Characters that a delimiter is looked for in. */
const sampleLength = 256 * 1024

const readStart = (path: string): Effect.Effect<{ readonly bytes: Buffer; readonly isWhole: boolean }> =>
  Effect.promise(async () => {
    await using file = await open(path)
    const buffer = Buffer.alloc(firstBytes)
    const { bytesRead } = await file.read(buffer, 0, firstBytes, 0)
    return { bytes: buffer.subarray(0, bytesRead), isWhole: bytesRead < firstBytes }
  })

const isUtf16 = (bytes: Buffer): boolean =>
  bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))

const dialectOf = (text: string, options: UploadOptions, isWhole: boolean): Dialect => {
  const quote = options.quoteCharacter ?? "\""
  const quoting = { quote, escape: options.escapeCharacter ?? quote }
  const given = options.delimiter === "\\t" ? "\t" : options.delimiter
  if (given !== undefined && given !== null) return { ...quoting, delimiter: given }
  const isShort = text.length <= sampleLength
  return { ...quoting, delimiter: findDelimiter(text.slice(0, sampleLength), quoting, isWhole && isShort) }
}

export const plan = (
  session: Session,
  path: string,
  options: UploadOptions
): Effect.Effect<ImportPlan, ImportFailed | DuckFault> =>
  Effect.gen(function*() {
    const { bytes, isWhole } = yield* readStart(path)
    if (bytes.length === 0) return yield* failed("The file is empty")
    if (isUtf16(bytes)) return yield* failed("The file is UTF-16 text. Save it as UTF-8.")
    const text = new TextDecoder().decode(bytes)
    const dialect = dialectOf(text, options, isWhole)
    const hasHeader = options.hasHeaderRow ?? true
    const [header] = parseRecords(text, dialect, { isWhole, limit: 1 }).records
    if (header === undefined) return yield* failed("The file has no record in its first 4 MiB")
    const names = variableNames(hasHeader ? header : header.map(() => ""))

    // DuckDB sees neutral names: a name of the file may be one that its options cannot carry.
    const nulls = options.nullMarkers ?? [""]
    const rejects = `rejects_${makeId()}`
    const source = (lineSize: number | undefined, keepsRejects = false): string =>
      `read_csv(${
        [
          pathLiteral(path),
          "auto_detect = false",
          `header = ${hasHeader}`,
          `delim = ${quoteText(dialect.delimiter)}`,
          `quote = ${quoteText(dialect.quote)}`,
          `escape = ${quoteText(dialect.escape)}`,
          `columns = {${names.map((_, index) => `'c${index}': 'VARCHAR'`).join(", ")}}`,
          ...(nulls.length === 0 ? [] : [`nullstr = [${nulls.map(quoteText).join(", ")}]`]),
          "allow_quoted_nulls = false",
          ...(options.allowJaggedRows === true ? ["null_padding = true", "parallel = false"] : []),
          ...(options.skipBadRecords !== true ? [] : !keepsRejects ? ["ignore_errors = true"] : [
            "store_rejects = true",
            "rejects_limit = 0",
            `rejects_table = '${rejects}'`,
            `rejects_scan = '${rejects}_scan'`
          ]),
          ...(lineSize === undefined ? [] : [`max_line_size = ${lineSize}`])
        ].join(", ")
      })`
    const columns = names.map((_, index) => ({ text: `c${index}`, candidates: allCandidates }))
    const attempt = (lineSize: number | undefined) =>
      Effect.map(infer(session, source(lineSize), columns), (types) => ({ types, lineSize }))
    const { types, lineSize } = yield* attempt(undefined).pipe(
      Effect.catchIf(isTooLong, () => attempt(longerLines[0])),
      Effect.catchIf(isTooLong, () => attempt(longerLines[1]))
    )
    return {
      columns: names.map((name, index) => ({ name, type: types[index]! })),
      select: `SELECT ${
        names.map((name, index) => `${valueOf(types[index]!, `c${index}`)} AS ${quoteName(name)}`).join(", ")
      } FROM ${source(lineSize, true)}`,
      badRecords: options.skipBadRecords !== true ? Effect.succeed(0) : Effect.gen(function*() {
        const [row] = yield* session.rows(`SELECT count(DISTINCT line) AS n FROM ${rejects}`)
        return Decode.number(row!, "n")
      })
    }
  })
