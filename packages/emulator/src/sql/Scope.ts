/**
 * What names mean at a place in a query.
 *
 * @since 0.1.0
 */
import { refuse } from "./SqlError.ts"
import { suggest } from "./suggest.ts"
import type { Name } from "./syntax.ts"
import * as Types from "./types.ts"
import { quoteText, type Value, value } from "./Value.ts"

export interface Column {
  readonly name: string | undefined
  readonly value: Value
}

/** A table as the query calls it. */
export interface Range {
  readonly name: string
  readonly columns: ReadonlyArray<Column>
  /** What the name means by itself, where rows are single values (`UNNEST`). */
  readonly value: Value | undefined
}

export interface Scope {
  /** What the path means, or nothing if its first name is not known here or outside. */
  readonly resolve: (names: ReadonlyArray<Name>) => Value | undefined
  /** Names that a message may suggest. */
  readonly names: () => ReadonlyArray<string>
}

/** Names are compared without regard to case. */
export const same = (left: string | undefined, right: string | undefined): boolean =>
  left !== undefined && right !== undefined && left.toLowerCase() === right.toLowerCase()

/** The field of a struct. */
export const fieldOf = (struct: Value, field: Name): Value => {
  const { type } = struct
  if (type.kind !== "struct") {
    return refuse(`Cannot access the field ${field.name} on a value of type ${Types.show(type)}`, field.at)
  }
  const found = type.fields.flatMap((candidate, index) => same(candidate.name, field.name) ? [index] : [])
  const index = found[0]
  if (index === undefined) {
    return refuse(`The field ${field.name} does not exist in ${Types.show(type)}`, field.at)
  }
  if (found.length > 1) refuse(`The field ${field.name} is ambiguous in ${Types.show(type)}`, field.at)
  return value(
    `struct_extract(${struct.sql}, ${quoteText(Types.fieldName(index))})`,
    type.fields[index]!.type,
    field.at,
    {
      isTotal: struct.isTotal
    }
  )
}

const fields = (first: Value, rest: ReadonlyArray<Name>): Value => rest.reduce(fieldOf, first)

/** The tables of one `FROM`. */
export class FromScope implements Scope {
  readonly columns: ReadonlyArray<Column>
  readonly ranges: ReadonlyArray<Range>
  readonly outer: Scope
  /** What was found here. */
  readonly seen = new Set<Column | Range>()

  constructor(columns: ReadonlyArray<Column>, ranges: ReadonlyArray<Range>, outer: Scope) {
    this.columns = columns
    this.ranges = ranges
    this.outer = outer
  }

  range(name: string): Range | undefined {
    return this.ranges.find((range) => same(range.name, name))
  }

  /** What the path means among these tables alone. */
  local(names: ReadonlyArray<Name>): Value | undefined {
    const first = names[0]!
    const range = this.range(first.name)
    if (range !== undefined) {
      const second = names[1]
      if (second === undefined) {
        if (range.value !== undefined) return this.found(range, range.value)
        return refuse(
          `${first.name} is a table here; name one of its columns (${first.name}.column), or give the table another alias`,
          first.at
        )
      }
      const found = range.columns.filter((column) => same(column.name, second.name))
      if (found.length > 1) refuse(`The name ${first.name}.${second.name} is ambiguous`, second.at)
      if (found.length === 1) return this.found(found[0]!, fields(found[0]!.value, names.slice(2)))
      if (range.value !== undefined) return this.found(range, fields(range.value, names.slice(1)))
      const known = range.columns.flatMap((column) => column.name === undefined ? [] : [column.name])
      return refuse(
        `The name ${second.name} is not found inside ${first.name}${suggest(second.name, known)}`,
        second.at
      )
    }
    const found = this.columns.filter((column) => same(column.name, first.name))
    if (found.length > 1) refuse(`The column name ${first.name} is ambiguous; write which table's it is`, first.at)
    return found.length === 0 ? undefined : this.found(found[0]!, fields(found[0]!.value, names.slice(1)))
  }

  private found(source: Column | Range, result: Value): Value {
    this.seen.add(source)
    return result
  }

  resolve(names: ReadonlyArray<Name>): Value | undefined {
    return this.local(names) ?? this.outer.resolve(names)
  }

  names(): ReadonlyArray<string> {
    return [
      ...this.columns.flatMap((column) => column.name === undefined ? [] : [column.name]),
      ...this.ranges.map((range) => range.name),
      ...this.outer.names()
    ]
  }
}

/** The variables of a script, and nothing else. */
export const variables = (known: ReadonlyMap<string, Value>): Scope => ({
  resolve: (names) => {
    const found = known.get(names[0]!.name.toLowerCase())
    return found === undefined ? undefined : fields(found, names.slice(1))
  },
  names: () => [...known.keys()]
})
