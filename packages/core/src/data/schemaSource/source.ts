/** TypeScript whose schemas are those of the rows of tables. */
import type { Variable, variableTypes } from "../../contract/variable.ts"
import type { Values } from "../Rows.ts"
import { comment, identifiersOf, keyOf } from "./names.ts"

/**
 * How schemas are written.
 *
 * @category models
 * @since 0.1.0
 */
export interface SchemaSourceOptions {
  /** How the rows will be read: the `values` that are given to `Table.rows`. */
  readonly values?: Values | undefined
  /**
   * What becomes of labels of values: `comments` names them beside the
   * variable; `literals` makes a variable that has labels accept their values
   * and no other, so that a value without a label fails to decode.
   *
   * @default "comments"
   */
  readonly valueLabels?: "comments" | "literals" | undefined
}

/** A table of which a schema is made. */
export interface Described {
  readonly reference: string
  readonly name: string
  readonly description: string | null | undefined
  readonly variables: ReadonlyArray<Variable>
}

type Form = Exclude<Values[keyof Values], undefined>

/** A value as a literal of its form, if it is one. */
type Write = (value: string) => string | undefined

interface Written {
  readonly schema: string
  readonly literal: Write
}

const none: Write = () => undefined
const quoted: Write = (value) => JSON.stringify(value)

const isInteger = /^-?(?:0|[1-9]\d*)$/

const integers: Record<NonNullable<Values["integer"]>, Written> = {
  number: {
    schema: "Schema.Int",
    literal: (value) => isInteger.test(value) && Number.isSafeInteger(Number(value)) ? String(Number(value)) : undefined
  },
  bigint: { schema: "Schema.BigInt", literal: (value) => isInteger.test(value) ? `${BigInt(value)}n` : undefined }
}

const dates: Record<NonNullable<Values["date"]>, Written> = {
  text: { schema: "Schema.String", literal: quoted },
  days: { schema: "Schema.Int", literal: none },
  temporal: { schema: "Schema.instanceOf(Temporal.PlainDate)", literal: none }
}

const times: Record<NonNullable<Values["time"]>, Written> = {
  text: { schema: "Schema.String", literal: quoted },
  micros: { schema: "Schema.BigInt", literal: none },
  temporal: { schema: "Schema.instanceOf(Temporal.PlainTime)", literal: none }
}

const dateTimes: Record<NonNullable<Values["dateTime"]>, Written> = {
  text: { schema: "Schema.String", literal: quoted },
  micros: { schema: "Schema.BigInt", literal: none },
  dateTime: { schema: "Schema.DateTimeUtc", literal: none },
  temporal: { schema: "Schema.instanceOf(Temporal.PlainDateTime)", literal: none }
}

const isNumber = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const written = (type: typeof variableTypes[number], values: Values): Written => {
  switch (type) {
    case "integer":
      return integers[values.integer ?? "number"]
    case "float":
      return {
        schema: "Schema.Number",
        literal: (value) => isNumber.test(value) && Number.isFinite(Number(value)) ? String(Number(value)) : undefined
      }
    case "boolean":
      return { schema: "Schema.Boolean", literal: none }
    case "date":
      return dates[values.date ?? "text"]
    case "time":
      return times[values.time ?? "text"]
    case "dateTime":
      return dateTimes[values.dateTime ?? "text"]
    case "string":
    case "geography":
      return { schema: "Schema.String", literal: quoted }
    default:
      // a type that this version does not know comes as it is stored
      return { schema: "Schema.Unknown", literal: none }
  }
}

interface Labelled {
  readonly value: string
  readonly label: string | null | undefined
}

const labelled = ({ valueLabels }: Variable): ReadonlyArray<Labelled> =>
  (valueLabels ?? []).flatMap(({ label, value }) => value === undefined || value === null ? [] : [{ value, label }])

const schemaOf = (variable: Variable, options: SchemaSourceOptions): string => {
  const type = variable.type as typeof variableTypes[number] // or one that `written` tells by itself
  const { literal, schema } = written(type, options.values ?? {})
  if (schema === "Schema.Unknown") return schema
  const literals = options.valueLabels === "literals" ? labelled(variable).map(({ value }) => literal(value)) : []
  // where one value is none of the type, the labels are not to be trusted
  const all = literals.length > 0 && literals.every((value) => value !== undefined)
  return `Schema.NullOr(${all ? `Schema.Literals([${[...new Set(literals)].join(", ")}])` : schema})`
}

/** A comment stays one that a person reads. */
const mostLabels = 50

const labelsOf = (variable: Variable): string | undefined => {
  const labels = labelled(variable)
  if (labels.length === 0) return undefined
  const lines = labels.slice(0, mostLabels).map(({ label, value }) =>
    `- ${JSON.stringify(value)}${label === undefined || label === null ? "" : `: ${label}`}`
  )
  return [...lines, ...(labels.length > mostLabels ? [`- and ${labels.length - mostLabels} more`] : [])].join("\n")
}

const fieldOf = (variable: Variable, options: SchemaSourceOptions): string =>
  comment([variable.label, variable.description, labelsOf(variable)], "  ") +
  `  ${keyOf(variable.name)}: ${schemaOf(variable, options)}`

const tableOf = (table: Described, name: string, options: SchemaSourceOptions): string => {
  const fields = table.variables.map((variable) => fieldOf(variable, options)).join(",\n")
  const about = `A row of \`${table.reference}\`.`
  return comment([about, table.description], "") +
    `export const ${name} = Schema.Struct({${fields === "" ? "" : `\n${fields}\n`}})\n` +
    comment([about], "") +
    `export interface ${name} extends Schema.Schema.Type<typeof ${name}> {}\n`
}

const chosen = (values: Values): string => {
  const choices = Object.entries(values).filter(([, form]: [string, Form | undefined]) => form !== undefined)
  return choices.length === 0 ?
    "" :
    `, with \`values: ${JSON.stringify(Object.fromEntries(choices)).replaceAll("\"", "'").replaceAll(/[:,]/g, "$& ")}\``
}

/** The module of these tables. */
export const sourceOf = (tables: ReadonlyArray<Described>, options: SchemaSourceOptions = {}): string => {
  const names = identifiersOf(tables.map(({ name }) => name))
  const head = `Schemas of rows as \`Table.rows\` gives them${chosen(options.values ?? {})}.`
  return [
    `${comment([head], "")}${tables.length === 0 ? "export {}" : "import * as Schema from \"effect/Schema\""}\n`,
    ...tables.map((table, index) => tableOf(table, names[index]!, options))
  ].join("\n")
}
