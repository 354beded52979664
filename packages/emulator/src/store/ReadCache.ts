/**
 * Results of reads of the catalogue, kept until what they read is written.
 *
 * A server asks the same few things for every request. Nothing is kept here
 * that DuckDB does not hold, and nothing is answered that it would not answer:
 * a result goes before a transaction commits that wrote one of its tables, and
 * none is kept until it has: who has seen one table as it is now sees all so.
 *
 * @since 0.1.0
 */
import type { Row } from "./Database.ts"

const largest = 4000

const writes = /^\s*(?:INSERT|UPDATE|DELETE|CREATE|DROP|WITH\b[^]*\bDELETE\b)/i

/** What a statement of the store does to the catalogue. */
export interface Footprint {
  readonly isWrite: boolean
  readonly tables: ReadonlyArray<string>
  /** Rows of data are too many to keep. */
  readonly isCatalogue: boolean
}

export interface ReadCache {
  readonly footprint: (sql: string) => Footprint
  readonly get: (key: string) => ReadonlyArray<Row> | undefined
  /** What tables are like now; to be handed to `set` with the result of a read that began then. */
  readonly moment: (tables: ReadonlyArray<string>) => string
  readonly set: (key: string, tables: ReadonlyArray<string>, moment: string, rows: ReadonlyArray<Row>) => void
  /** Before a commit: what is known of the tables goes, and nothing is kept of them. */
  readonly hold: (tables: Iterable<string>) => void
  /** After a commit, or in place of one. */
  readonly release: (tables: Iterable<string>) => void
}

export const make = (): ReadCache => {
  const footprints = new Map<string, Footprint>()
  const results = new Map<string, ReadonlyArray<Row>>()
  const keysOf = new Map<string, Set<string>>()
  const versions = new Map<string, number>()

  const held = new Map<string, number>()

  const forget = (tables: Iterable<string>): void => {
    for (const table of tables) {
      versions.set(table, (versions.get(table) ?? 0) + 1)
      for (const key of keysOf.get(table) ?? []) results.delete(key)
      keysOf.delete(table)
    }
  }

  const moment: ReadCache["moment"] = (tables) => tables.map((table) => versions.get(table) ?? 0).join()

  const clear = (): void => {
    results.clear()
    keysOf.clear()
  }

  return {
    footprint: (sql) => {
      const known = footprints.get(sql)
      if (known !== undefined) return known
      const made: Footprint = {
        isWrite: writes.test(sql),
        tables: [...new Set(Array.from(sql.matchAll(/\bregistry\.(\w+)/g), (match) => match[1]!))],
        isCatalogue: !/\bcontent\./.test(sql)
      }
      if (footprints.size >= largest) footprints.clear()
      footprints.set(sql, made)
      return made
    },
    get: (key) => results.get(key),
    moment,
    set: (key, tables, before, rows) => {
      if (moment(tables) !== before || tables.some((table) => (held.get(table) ?? 0) > 0)) return
      if (results.size >= largest) clear()
      results.set(key, rows)
      for (const table of tables) {
        const keys = keysOf.get(table) ?? new Set()
        keysOf.set(table, keys.add(key))
      }
    },
    hold: (tables) => {
      for (const table of tables) held.set(table, (held.get(table) ?? 0) + 1)
      forget(tables)
    },
    release: (tables) => {
      for (const table of tables) held.set(table, (held.get(table) ?? 1) - 1)
      forget(tables)
    }
  }
}
