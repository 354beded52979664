/**
 * What a file may ask of the process that reads it. Whoever uploads it decides
 * what is in it, so each bound is held before native code sees the file.
 *
 * @since 0.1.0
 */
import { totalmem } from "node:os"

const mebibyte = 1024 * 1024

/** Objects and arrays within one another, and groups of a parquet schema: readers that recurse die of more. */
export const deepestNesting = 100

/** Bytes of one record. Several are held at once. */
export const longestRecord = 64 * mebibyte

/** Characters of the name of a variable. */
export const longestName = 1000

export const mostColumns = 20_000

/** Bytes of what describes a parquet file, and of one of its pages once it is inflated. */
export const largestFooter = 64 * mebibyte
export const largestPage = 512 * mebibyte

/** Inflated bytes that a gzip may give for each of its own, and what is never too much. */
export const mostInflation = 200
export const alwaysInflated = 64 * mebibyte

/** What an instance of DuckDB may take, in bytes: it would take most of the machine's. */
export const memoryOf = (wanted: "database" | "reader"): number =>
  Math.floor(Math.min((wanted === "database" ? 4096 : 2048) * mebibyte, totalmem() / 2))
