/**
 * The compact protocol of Thrift, which describes parquet files, with a bound on
 * its depth: readers that recurse die of it.
 *
 * @see https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
import { deepestNesting } from "./limits.ts"

/** A struct by the numbers of its fields. */
export interface Fields extends ReadonlyMap<number, Value> {}
export type Value = boolean | bigint | Buffer | ReadonlyArray<Value> | Fields | undefined

export interface Struct {
  readonly fields: Fields
  /** Where the next byte is. */
  readonly end: number
}

/** Why bytes are no struct; `short` where more of them may make one. */
export type Refused = "short" | "deep" | "damaged"

class Broken extends Error {
  readonly reason: Refused
  constructor(reason: Refused) {
    super(reason)
    this.reason = reason
  }
}

const reader = (bytes: Buffer) => {
  let at = 0
  const byte = (): number => {
    const value = bytes[at++]
    if (value === undefined) throw new Broken("short")
    return value
  }
  const unsigned = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const part = byte()
      value |= BigInt(part & 0x7f) << shift
      if (part < 0x80) return value
    }
    throw new Broken("damaged")
  }
  const signed = (): bigint => {
    const value = unsigned()
    return (value >> 1n) ^ -(value & 1n)
  }
  const length = (): number => {
    const value = unsigned()
    if (value > BigInt(bytes.length - at)) throw new Broken("short")
    return Number(value)
  }
  const binary = (): Buffer => {
    const size = length()
    at += size
    return bytes.subarray(at - size, at)
  }
  const list = (depth: number): ReadonlyArray<Value> => {
    const head = byte()
    const kind = head & 0x0f
    // each element has a byte at least
    const size = head >> 4 === 15 ? length() : head >> 4
    return Array.from({ length: size }, () => kind === 1 || kind === 2 ? byte() === 1 : value(kind, depth))
  }
  const map = (depth: number): undefined => {
    const size = length()
    const kinds = size === 0 ? 0 : byte()
    for (let index = 0; index < size; index++) {
      value(kinds >> 4, depth)
      value(kinds & 0x0f, depth)
    }
  }
  const value = (kind: number, depth: number): Value => {
    if (depth > deepestNesting) throw new Broken("deep")
    switch (kind) {
      case 1:
        return true
      case 2:
        return false
      case 3:
        return BigInt(byte())
      case 4:
      case 5:
      case 6:
        return signed()
      case 7:
        for (let index = 0; index < 8; index++) byte()
        return undefined
      case 8:
        return binary()
      case 9:
      case 10:
        return list(depth + 1)
      case 11:
        return map(depth + 1)
      case 12:
        return struct(depth + 1)
      default:
        throw new Broken("damaged")
    }
  }
  const struct = (depth: number): Fields => {
    const fields = new Map<number, Value>()
    let id = 0
    for (;;) {
      const head = byte()
      if (head === 0) return fields
      id = head >> 4 === 0 ? Number(signed()) : id + (head >> 4)
      fields.set(id, value(head & 0x0f, depth))
    }
  }
  return { struct, end: () => at }
}

/** Reads the struct that the bytes begin with. */
export const readStruct = (bytes: Buffer): Struct | Refused => {
  const reading = reader(bytes)
  try {
    const fields = reading.struct(0)
    return { fields, end: reading.end() }
  } catch (cause) {
    const reason: unknown = typeof cause === "object" && cause !== null ? Reflect.get(cause, "reason") : undefined
    if (reason === "short" || reason === "deep" || reason === "damaged") return reason
    throw cause
  }
}

export const numberOf = (value: Value): number | undefined => typeof value === "bigint" ? Number(value) : undefined

export const textOf = (value: Value): string | undefined => Buffer.isBuffer(value) ? value.toString("utf8") : undefined

export const listOf = (value: Value): ReadonlyArray<Value> => Array.isArray(value) ? value : []

export const fieldsOf = (value: Value): Fields | undefined =>
  typeof value === "object" && value !== null && "get" in value ? value : undefined
