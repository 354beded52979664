/** Objects as rows: which columns they have, and the text of each value. */
import { variableKey } from "../identifiers.ts"
import { checkName, failed } from "./ImportPlan.ts"
import type { Kind } from "./inference.ts"
import { compact, forEachMember, stringOf } from "./jsonText.ts"
import type { RowsColumn } from "./rowsFile.ts"
import type { RowText } from "./textFile.ts"

const strings = 1
const numbers = 2
const booleans = 4
const nested = 8

/** JSON says itself what is a number or a boolean: text is one of these never. */
const candidatesOf = (kinds: number): ReadonlyArray<Kind> => {
  switch (kinds) {
    case strings:
      return ["date", "dateTime", "zonedDateTime", "time", "geography"]
    case numbers:
      return ["integer", "float"]
    case booleans:
      return ["boolean"]
    default:
      return []
  }
}

const kindOf = (value: string): number => {
  switch (value.charCodeAt(0)) {
    case 0x22:
      return strings
    case 0x7b:
    case 0x5b:
      return nested
    case 0x74:
    case 0x66:
      return booleans
    default:
      return numbers
  }
}

/** A name as an object of the file has it, in the order in which they first come. */
interface Key {
  readonly name: string
  /** Number of the column that its values go to. */
  column: number
  /** The last object that has it. */
  record: number
}

interface Column {
  readonly name: string
  kinds: number
  /** The last object of which it has a value. */
  record: number
}

export interface JsonRows {
  /** Adds an object, and its row as long as the columns are those of the first one. */
  readonly add: (text: string, line: number) => void
  readonly columns: () => ReadonlyArray<RowsColumn>
  readonly numRecords: () => number
  /** Whether a column came after the first row: then the objects are to be read again. */
  readonly isIncomplete: () => boolean
  /** The names as they are spelt, for another reading of the same objects. */
  readonly known: () => Known
}

export interface Known {
  readonly names: ReadonlyArray<string>
  /** Names that differ in nothing but case, and stand beside each other in one object. */
  readonly apart: ReadonlySet<string>
}

/**
 * Names that differ in nothing but case are one column, unless one object has
 * both. Then they are columns of their own, as in other formats.
 */
export const makeJsonRows = (
  rows: RowText,
  options: {
    readonly known?: Known | undefined
    /** Names that no object can have: those of `membersOf`. */
    readonly own?: ReadonlySet<string>
    /** Members of an object in place of its own, with their texts. */
    readonly membersOf?: (text: string, line: number, each: (key: string, value: string) => void) => void
  }
): JsonRows => {
  const keys = new Map<string, Key>()
  const folded = new Map<string, number>()
  const columns: Array<Column> = []
  const apart = new Set(options.known?.apart)
  const membersOf = options.membersOf ?? ((text, _, each) => forEachMember(text, each))
  let record = 0
  let isIncomplete = false

  const keyOf = (name: string): Key => {
    const known = keys.get(name)
    if (known !== undefined) return known
    const refused = options.own?.has(name) === true ? undefined : checkName(name, columns.length)
    if (refused !== undefined) throw refused
    const fold = variableKey(name)
    let column = apart.has(fold) ? undefined : folded.get(fold)
    if (column === undefined) {
      column = columns.length
      columns.push({ name, kinds: 0, record: 0 })
      folded.set(fold, column)
      if (record > 1) isIncomplete = true
    }
    const key = { name, column, record: 0 }
    keys.set(name, key)
    return key
  }
  for (const name of options.known?.names ?? []) keyOf(name)

  return {
    add: (text, line) => {
      record++
      const values = new Array<string | undefined>(columns.length).fill(undefined)
      membersOf(text, line, (name, value) => {
        const key = keyOf(name)
        if (key.record === record) {
          throw failed(`Line ${line} has the name ${JSON.stringify(name.slice(0, 100))} twice. Leave one.`, line)
        }
        key.record = record
        const column = columns[key.column]!
        if (column.record === record) {
          apart.add(variableKey(name))
          isIncomplete = true
        }
        column.record = record
        if (value === "null") return
        const kind = kindOf(value)
        column.kinds |= kind
        const content = kind === strings ? stringOf(value) : kind === nested ? compact(value) : value
        if (kind === strings && value.includes("\\") && !content.isWellFormed()) {
          throw failed(
            `Line ${line} has half of a surrogate pair in ${JSON.stringify(name.slice(0, 100))}, which is no Unicode.`,
            line
          )
        }
        values[key.column] = content
      })
      if (isIncomplete) return
      // the first object makes the columns as it goes
      values.length = columns.length
      rows.row(values)
    },
    columns: () => columns.map(({ kinds, name }) => ({ name, candidates: candidatesOf(kinds) })),
    numRecords: () => record,
    isIncomplete: () => isIncomplete,
    known: () => ({ names: [...keys.keys()], apart })
  }
}
