/** Delimited text: CSV and its kin. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { DuckFault, Session } from "../Database.ts"
import type { UploadOptions } from "../model.ts"
import type { ImportFailed } from "../StoreError.ts"
import { makeDelimitedReader } from "./delimitedReader.ts"
import { failed, type ImportPlan } from "./ImportPlan.ts"
import { allKinds } from "./inference.ts"
import { variableNames } from "./names.ts"
import { type Dialect, divides, findDelimiter } from "./records.ts"
import { planOfRows, writeRows } from "./rowsFile.ts"
import { RowText, type Start } from "./textFile.ts"

/** Characters that a delimiter is looked for in. */
export const sampleLength = 256 * 1024

const isOneCharacter = (text: string): boolean =>
  text.length === 1 && text > "\0" && text < "\x80" && text !== "\r" && text !== "\n"

/** What the options say that no file can be read by. */
const wrongOption = ({ delimiter, escapeCharacter, quoteCharacter }: UploadOptions): string | undefined => {
  for (const [name, character] of [["quoteCharacter", quoteCharacter], ["escapeCharacter", escapeCharacter]] as const) {
    if (character !== undefined && character !== null && character !== "" && !isOneCharacter(character)) {
      return `The option ${name} is ${JSON.stringify(character)}: give one ASCII character, or an empty text for none`
    }
  }
  if (delimiter === undefined || delimiter === null) return undefined
  if (delimiter === "" || delimiter.length > 16 || /[\r\n\0]/.test(delimiter) || !delimiter.isWellFormed()) {
    return `The option delimiter is ${JSON.stringify(delimiter)}: give a text of 1 to 16 characters on one line`
  }
  const quote = quoteCharacter ?? "\""
  if (delimiter === quote || (delimiter === escapeCharacter && quote !== "")) {
    return `The option delimiter is ${JSON.stringify(delimiter)}, which quotes or escapes are written with too`
  }
  return undefined
}

const dialectOf = (start: Start, options: UploadOptions): Dialect => {
  const quote = options.quoteCharacter ?? "\""
  const quoting = { quote, escape: (options.escapeCharacter ?? "") === "" ? quote : options.escapeCharacter ?? quote }
  const given = options.delimiter === "\\t" ? "\t" : options.delimiter
  if (given !== undefined && given !== null) return { ...quoting, delimiter: given }
  return {
    ...quoting,
    delimiter: findDelimiter(start.bytes.toString("utf8"), quoting, {
      isWhole: start.isWhole,
      fillsShortRecords: options.allowJaggedRows === true
    })
  }
}

/** Whether the delimiter was found out, and no record may be of another length than the first. */
const isGuessed = ({ allowJaggedRows, delimiter, skipBadRecords }: UploadOptions): boolean =>
  (delimiter ?? null) === null && allowJaggedRows !== true && skipBadRecords !== true

export const plan = (
  session: Session,
  path: string,
  start: Start,
  options: UploadOptions
): Effect.Effect<ImportPlan, ImportFailed | DuckFault, Scope.Scope> =>
  Effect.gen(function*() {
    const wrong = wrongOption(options)
    if (wrong !== undefined) return yield* failed(wrong)
    const dialect = dialectOf(start, options)
    if (isGuessed(options) && !divides(start.bytes.toString("utf8"), dialect, start.isWhole)) {
      return yield* failed(
        `No variables found: ${JSON.stringify(dialect.delimiter)} was guessed as the delimiter, by which most lines ` +
          "have another number of values than the first. Name the delimiter."
      )
    }
    const rows = new RowText([",", "\t", ";", "|"].includes(dialect.delimiter) ? dialect.delimiter : ",")
    const reader = makeDelimitedReader({
      dialect,
      hasHeader: options.hasHeaderRow ?? true,
      nullMarkers: options.nullMarkers ?? [""],
      skipsBadRecords: options.skipBadRecords === true,
      fillsShortRecords: options.allowJaggedRows === true
    }, rows)
    const file = yield* writeRows({ path, isCompressed: start.isCompressed }, reader, rows)
    const headers = reader.headers()
    if (headers === undefined) return yield* failed("The file has no record: it is blank")
    const columns = variableNames(headers).map((name) => ({ name, candidates: allKinds }))
    return yield* planOfRows(session, file, rows, columns, { badRecords: reader.badRecords() })
  })
