import type { DataType, Int, PlainType, TimeUnit } from "./dataType.ts"
import { isSameType } from "./dataType.ts"
import type { Flatbuffer, FlatTable, FlatVector } from "./flatbuffer.ts"
import { isRefusal, refuse } from "./refusal.ts"

/**
 * One column as the schema announces it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Field {
  readonly name: string
  readonly nullable: boolean
  readonly type: DataType
}

/**
 * The columns of a stream, in order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Schema {
  readonly fields: ReadonlyArray<Field>
}

const Null: PlainType = { _tag: "Null" }
const Bool: PlainType = { _tag: "Bool" }
const Utf8: PlainType = { _tag: "Utf8" }
const LargeUtf8: PlainType = { _tag: "LargeUtf8" }

/** Numbered as in the format. */
const refusedTypes: Record<number, string> = {
  4: "Binary",
  7: "Decimal",
  11: "Interval",
  12: "List",
  13: "Struct",
  14: "Union",
  15: "FixedSizeBinary",
  16: "FixedSizeList",
  17: "Map",
  18: "Duration",
  19: "LargeBinary",
  21: "LargeList",
  22: "RunEndEncoded",
  23: "BinaryView",
  24: "Utf8View",
  25: "ListView",
  26: "LargeListView"
}

const units: ReadonlyArray<TimeUnit> = ["second", "millisecond", "microsecond", "nanosecond"]

const int = (metadata: Flatbuffer, table: FlatTable): Int => {
  const bitWidth = metadata.int32(table, 0, 0)
  const signed = metadata.boolean(table, 1, "type")
  return bitWidth === 8 || bitWidth === 16 || bitWidth === 32 || bitWidth === 64
    ? { _tag: "Int", bitWidth, signed }
    : refuse("type", "an integer of 8, 16, 32 or 64 bits", bitWidth)
}

const float = (precision: number): PlainType => {
  const bitWidth = [16, 32, 64][precision]
  return bitWidth === 16 || bitWidth === 32 || bitWidth === 64
    ? { _tag: "Float", bitWidth }
    : refuse("type", "half, single or double precision", precision)
}

const date = (unit: number): PlainType =>
  unit === 0 || unit === 1
    ? { _tag: "Date", unit: unit === 0 ? "day" : "millisecond" }
    : refuse("type", "days or milliseconds", unit)

const timeUnit = (unit: number): TimeUnit => units[unit] ?? refuse("type", "a unit of time", unit)

const time = (unit: TimeUnit, bitWidth: number): PlainType => {
  const expected = unit === "second" || unit === "millisecond" ? 32 : 64
  return bitWidth === expected
    ? { _tag: "Time", unit, bitWidth: expected }
    : refuse("type", `a time in ${unit}s of ${expected} bits`, bitWidth)
}

const plainType = (metadata: Flatbuffer, field: FlatTable): PlainType => {
  const tag = metadata.uint8(field, 2, 0)
  const described = (...sizes: ReadonlyArray<number>): FlatTable =>
    metadata.child(field, 3, sizes, "type") ?? refuse("type", "a description of the type")
  switch (tag) {
    case 1:
      described()
      return Null
    case 2:
      return int(metadata, described(4, 1))
    case 3:
      return float(metadata.int16(described(2), 0, 0))
    case 5:
      described()
      return Utf8
    case 6:
      described()
      return Bool
    case 8:
      return date(metadata.int16(described(2), 0, 1))
    case 9: {
      const table = described(2, 4)
      return time(timeUnit(metadata.int16(table, 0, 1)), metadata.int32(table, 1, 32))
    }
    case 10: {
      const table = described(2, 4)
      const unit = timeUnit(metadata.int16(table, 0, 0))
      return { _tag: "Timestamp", unit, timezone: metadata.string(table, 1, "type") }
    }
    case 20:
      described()
      return LargeUtf8
    default:
      return refuse(
        "type",
        "a null, boolean, integer, float, text, date, time or timestamp column, plain or as a dictionary",
        refusedTypes[tag] ?? `type ${tag}`
      )
  }
}

const dataType = (metadata: Flatbuffer, field: FlatTable): DataType => {
  const values = plainType(metadata, field)
  const encoding = metadata.child(field, 4, [8, 4, 1, 2], "dictionary")
  if (encoding === undefined) {
    return values
  }
  const indexType = metadata.child(encoding, 1, [4, 1], "dictionary")
  const indices: Int = indexType === undefined ? { _tag: "Int", bitWidth: 32, signed: true } : int(metadata, indexType)
  const kind = metadata.int16(encoding, 3, 0)
  if (kind !== 0) {
    refuse("dictionary", "a dense dictionary", kind)
  }
  return {
    _tag: "Dictionary",
    id: metadata.int64(encoding, 0),
    indices,
    values,
    ordered: metadata.boolean(encoding, 2, "dictionary")
  }
}

/**
 * The same text as engines keep names of properties: with another, each row
 * object that is made looks it up anew.
 */
const asKey = (name: string): string => {
  const keys: Record<string, true> = Object.create(null)
  keys[name] = true
  return Object.keys(keys)[0]!
}

const readField = (metadata: Flatbuffer, table: FlatTable): Field => {
  const name = asKey(metadata.string(table, 0, "name") ?? "")
  const nullable = metadata.boolean(table, 1, "nullable")
  const type = dataType(metadata, table)
  const children = metadata.vector(table, 5, 4, 4, "children")
  if (children !== undefined && children.length > 0) {
    refuse("children", "a column without columns inside", children.length)
  }
  metadata.skipPairs(table, 6, "metadata")
  return { name, nullable, type }
}

const fieldSizes = [4, 1, 1, 4, 4, 4, 4]

const readFields = (metadata: Flatbuffer, vector: FlatVector): ReadonlyArray<Field> => {
  const fields: Array<Field> = []
  try {
    while (fields.length < vector.length) {
      fields.push(readField(metadata, metadata.element(vector, fields.length, fieldSizes, "")))
    }
  } catch (error) {
    if (isRefusal(error)) {
      error.placeIn(`field ${fields.length}`)
    }
    throw error
  }
  return fields
}

const checkDictionaries = (fields: ReadonlyArray<Field>): void => {
  const dictionaries = new Map<bigint, PlainType>()
  for (const { name, type } of fields) {
    if (type._tag === "Dictionary") {
      const shared = dictionaries.get(type.id)
      if (shared !== undefined && !isSameType(shared, type.values)) {
        refuse(
          `column ${JSON.stringify(name)}`,
          `the type of the other columns of dictionary ${type.id}`,
          type.values._tag
        )
      }
      dictionaries.set(type.id, type.values)
    }
  }
}

/** Reads a schema message's header. */
export const readSchema = (metadata: Flatbuffer, table: FlatTable): Schema => {
  const endianness = metadata.int16(table, 0, 0)
  if (endianness !== 0) {
    refuse("endianness", "a little-endian stream", endianness === 1 ? "big-endian" : endianness)
  }
  const vector = metadata.vector(table, 1, 4, 4, "fields") ?? refuse("fields", "a list of fields")
  metadata.watchBehind(vector, 4)
  const fields = readFields(metadata, vector)
  checkDictionaries(fields)
  metadata.skipPairs(table, 2, "metadata")
  metadata.vector(table, 3, 8, 8, "features")
  if (!metadata.hasUnknownFields && !metadata.reachesNext) {
    refuse("fields", "a list that holds all fields", vector.length)
  }
  return { fields }
}
