/** Rows that come as JSON, one call after another, into an upload of type `stream`. */
import { DuckDBDateValue, DuckDBTimestampValue, DuckDBTimeValue, type DuckDBValue } from "@duckdb/node-api"
import * as Effect from "effect/Effect"
import { variableKey } from "../identifiers.ts"
import type { InsertRowsResult, SchemaField, VariableType } from "../model.ts"
import { ImportFailed } from "../StoreError.ts"

type Rows = ReadonlyArray<{ readonly [name: string]: unknown }>

const datePattern = /^(\d{4})-(\d{1,2})-(\d{1,2})$/
const dateTimePattern =
  /^(\d{4}-\d{1,2}-\d{1,2})(?:[ T](\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,6})?)(Z| ?[+-]\d{2}(?::?\d{2})?)?)?$/i
const timePattern = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?$/
const geographyPattern =
  /^\s*(?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)\s*(?:EMPTY|(?:Z?M\s*|Z\s*)?\()/i

const daysOf = (text: string): number | undefined => {
  const match = datePattern.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isReal = year >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.getTime() / 86_400_000 : undefined
}

const microsecondsOf = (text: string): bigint | undefined => {
  const match = timePattern.exec(text)
  if (match === null) return undefined
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  return BigInt((hour * 60 + minute) * 60 + second) * 1_000_000n + BigInt((match[4] ?? "").padEnd(6, "0"))
}

const minute = 60_000_000n

/** The offset of a zone from UTC, in microseconds; `undefined` for none that there is. */
const offsetOf = (zone: string): bigint | undefined => {
  const match = /^ ?([+-])(\d{2}):?(\d{2})?$/.exec(zone)
  if (match === null) return 0n
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? "0")]
  if (hours > 18 || minutes > 59) return undefined
  return BigInt(hours * 60 + minutes) * minute * (match[1] === "-" ? -1n : 1n)
}

/** Moments that a date-time can be. */
const firstMoment = -62_135_596_800_000_000n
const lastMoment = 253_402_300_799_999_999n

/** What a zone is given for is in UTC, as it is in SQL and in files. */
const timestampOf = (text: string): bigint | undefined => {
  const match = dateTimePattern.exec(text)
  if (match === null) return undefined
  const days = daysOf(match[1]!)
  const time = match[2] === undefined ? 0n : microsecondsOf(match[2])
  const offset = match[3] === undefined ? 0n : offsetOf(match[3])
  if (days === undefined || time === undefined || offset === undefined) return undefined
  const moment = BigInt(days) * 86_400_000_000n + time - offset
  return moment >= firstMoment && moment <= lastMoment ? moment : undefined
}

/** The value as DuckDB takes it; `undefined` if it is none of the type. */
const valueOf = (type: VariableType, value: unknown): DuckDBValue | undefined => {
  if (value === null || value === undefined) return null
  switch (type) {
    case "boolean":
      return typeof value === "boolean" ? value : undefined
    case "integer":
      if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? value : undefined
      return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined
    case "float":
      if (typeof value === "bigint") return BigInt(Number(value)) === value ? Number(value) : undefined
      return typeof value === "number" ? value : undefined
    case "string":
      return typeof value === "string" ? value : undefined
    case "geography":
      return typeof value === "string" && geographyPattern.test(value) ? value : undefined
    case "date": {
      const days = typeof value === "string" ? daysOf(value) : undefined
      return days === undefined ? undefined : new DuckDBDateValue(days)
    }
    case "dateTime": {
      const micros = typeof value === "string" ? timestampOf(value) : undefined
      return micros === undefined ? undefined : new DuckDBTimestampValue(micros)
    }
    case "time": {
      const micros = typeof value === "string" ? microsecondsOf(value) : undefined
      return micros === undefined ? undefined : new DuckDBTimeValue(micros)
    }
  }
}

/** Type of a JSON value on its own. */
const typeOf = (value: unknown): VariableType => {
  switch (typeof value) {
    case "boolean":
      return "boolean"
    case "bigint":
      return BigInt.asIntN(64, value) === value ? "integer" : "string"
    case "number":
      return Number.isSafeInteger(value) ? "integer" : "float"
    case "string":
      if (valueOf("date", value) !== undefined) return "date"
      if (valueOf("dateTime", value) !== undefined) return "dateTime"
      return valueOf("time", value) !== undefined ? "time" : valueOf("geography", value) !== undefined
        ? "geography"
        : "string"
    default:
      return "string"
  }
}

const widened = (left: VariableType, right: VariableType): VariableType => {
  if (left === right) return left
  const types = [left, right].toSorted().join()
  return types === "float,integer" ? "float" : types === "date,dateTime" ? "dateTime" : "string"
}

/** What an upload's schema must become for rows to fit. */
export const schemaFor = (schema: ReadonlyArray<SchemaField & { readonly isExact: boolean }>, rows: Rows):
  & Pick<
    InsertRowsResult,
    "addedVariables" | "updatedVariables"
  >
  & { readonly schema: ReadonlyArray<SchemaField> } =>
{
  const fields = new Map<string, SchemaField>(schema.map((field) => [variableKey(field.name), field]))
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const key = variableKey(name)
      const field = fields.get(key)
      if (field === undefined) {
        // A column of nulls alone has no type yet; it waits for a value.
        if (value !== null) fields.set(key, { name, type: typeOf(value) })
      } else if (valueOf(field.type, value) === undefined) {
        fields.set(key, { name: field.name, type: widened(field.type, typeOf(value)) })
      }
    }
  }
  // What came before may have integers that the float, which others made of the column, does not hold.
  for (const { isExact, name, type } of schema) {
    const key = variableKey(name)
    if (type === "integer" && !isExact && fields.get(key)?.type === "float") fields.set(key, { name, type: "string" })
  }
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const field = fields.get(variableKey(name))
      if (field !== undefined && valueOf(field.type, value) === undefined) {
        fields.set(variableKey(name), { name: field.name, type: "string" })
      }
    }
  }
  const before = new Map(schema.map(({ name, type }) => [variableKey(name), type]))
  const after = [...fields.values()]
  return {
    schema: after,
    addedVariables: after.filter(({ name }) => !before.has(variableKey(name))),
    updatedVariables: after.flatMap(({ name, type }) => {
      const previousType = before.get(variableKey(name))
      return previousType === undefined || previousType === type ? [] : [{ name, type, previousType }]
    })
  }
}

const shorten = (value: unknown): string => {
  const text = typeof value === "bigint" ? String(value) : JSON.stringify(value) ?? String(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/** Text for a value in a column that had to become a column of strings. */
const asText = (value: unknown): unknown =>
  value === null || value === undefined || typeof value === "string"
    ? value
    : typeof value === "bigint"
    ? String(value)
    : JSON.stringify(value)

/** Columns of values, in the order of the schema. */
export const toColumns = (
  schema: ReadonlyArray<SchemaField>,
  rows: Rows,
  options: { readonly isWidened: boolean }
): Effect.Effect<ReadonlyArray<ReadonlyArray<DuckDBValue>>, ImportFailed> => {
  const known = new Map(schema.map(({ name }, index) => [variableKey(name), index]))
  const columns: ReadonlyArray<Array<DuckDBValue>> = schema.map(() => new Array<DuckDBValue>(rows.length).fill(null))
  const failure = (row: number, message: string) =>
    new ImportFailed({ message: `Row ${row + 1}: ${message}`, line: row + 1 })
  for (const [number, row] of rows.entries()) {
    for (const [name, value] of Object.entries(row)) {
      const index = known.get(variableKey(name))
      if (index === undefined) {
        if (value === null) continue
        return Effect.fail(failure(number, `there is no variable ${JSON.stringify(name)} in the schema of the upload`))
      }
      const { type } = schema[index]!
      const converted = valueOf(type, options.isWidened && type === "string" ? asText(value) : value)
      if (converted === undefined) {
        return Effect.fail(failure(number, `${shorten(value)} in ${JSON.stringify(name)} is not of type ${type}`))
      }
      columns[index]![number] = converted
    }
  }
  return Effect.succeed(columns)
}
