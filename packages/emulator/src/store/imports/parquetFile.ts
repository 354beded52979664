/**
 * What a parquet file says of itself, held against its bounds before DuckDB
 * reads it: its depth, its names, and how much memory its pages ask for.
 *
 * @see https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */
import { type FileHandle, open } from "node:fs/promises"
import { checkNames, failed } from "./ImportPlan.ts"
import { deepestNesting, largestFooter, largestPage } from "./limits.ts"
import { type Fields, fieldsOf, listOf, numberOf, readStruct, textOf, type Value } from "./thrift.ts"

/** Numbers of fields. */
const fileMetaData = { schema: 2, numRows: 3, rowGroups: 4 }
const schemaElement = { name: 4, numChildren: 5 }
const rowGroup = { columns: 1 }
const columnChunk = { metaData: 3 }
const columnMetaData = { path: 3, compressedSize: 7, dataPageOffset: 9, dictionaryPageOffset: 11 }
const pageHeader = { uncompressedSize: 2, compressedSize: 3 }

const tail = 8

export interface ParquetFile {
  /** Of the columns, as the file has them. */
  readonly names: ReadonlyArray<string>
  readonly numRows: number
}

const damaged = (reason: string) => failed(`The file is not parquet, or it is damaged: ${reason}`)

const tooDeep = () =>
  failed(`The columns of the file are nested more than ${deepestNesting} levels deep. Make them flatter.`)

/** The names of the columns. Throws where groups within one another are too deep, or promise what is not there. */
const columnNames = (elements: ReadonlyArray<Value>): ReadonlyArray<string> => {
  const names: Array<string> = []
  /** How many children each of the groups still waits for, from the root on. */
  const open: Array<number> = []
  for (const [index, element] of elements.entries()) {
    const fields = fieldsOf(element)
    const children = numberOf(fields?.get(schemaElement.numChildren)) ?? 0
    if (index > 0) {
      while (open.at(-1) === 0) open.pop()
      if (open.length === 0) throw damaged("its schema has more columns than it says")
      open[open.length - 1]!--
      if (open.length === 1) names.push(textOf(fields?.get(schemaElement.name)) ?? "")
    }
    if (children > 0 || index === 0) open.push(children)
    if (open.length > deepestNesting) throw tooDeep()
  }
  if (open.some((children) => children > 0)) throw damaged("its schema has fewer columns than it says")
  return names
}

const readAt = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/** A page's header is rarely longer than the first of these. */
const headerLengths = [256, 64 * 1024, 16 * 1024 * 1024]

/** Looks at the headers of a column's pages. What is damaged in another way is left to who reads them. */
const checkPages = async (file: FileHandle, chunk: Fields): Promise<void> => {
  const column = listOf(chunk.get(columnMetaData.path)).map((part) => textOf(part) ?? "").join(".")
  const data = numberOf(chunk.get(columnMetaData.dataPageOffset)) ?? 0
  const dictionary = numberOf(chunk.get(columnMetaData.dictionaryPageOffset)) ?? 0
  let at = dictionary > 0 ? Math.min(dictionary, data) : data
  const end = at + (numberOf(chunk.get(columnMetaData.compressedSize)) ?? 0)
  while (at >= 0 && at < end) {
    let read: ReturnType<typeof readStruct> = "short"
    for (const length of headerLengths) {
      read = readStruct(await readAt(file, at, length))
      if (read !== "short") break
    }
    if (read === "deep") throw tooDeep()
    if (typeof read === "string") return
    const inflated = numberOf(read.fields.get(pageHeader.uncompressedSize)) ?? 0
    const stored = numberOf(read.fields.get(pageHeader.compressedSize)) ?? 0
    if (inflated > largestPage) {
      throw failed(
        `A page of the column ${JSON.stringify(column.slice(0, 100))} asks for ${inflated} bytes, and at most ` +
          `${largestPage} are read. Write the file with smaller pages.`
      )
    }
    if (stored < 0) return
    at += read.end + stored
  }
}

/** Reads what the file says of itself. Throws `ImportFailed` where it is beyond a bound, or is none. */
export const readParquet = async (path: string, signal: AbortSignal): Promise<ParquetFile> => {
  await using file = await open(path)
  const { size } = await file.stat()
  const end = await readAt(file, Math.max(0, size - tail), tail)
  const magic = end.subarray(4).toString("latin1")
  if (magic === "PARE") throw failed("The file is encrypted parquet, which is not read. Write it without encryption.")
  if (magic !== "PAR1") throw damaged("it does not end as parquet does. Upload it whole.")
  const length = end.readUInt32LE(0)
  if (length > size - tail) throw damaged("its description is longer than the file. Upload it whole.")
  if (length > largestFooter) {
    throw failed(`The file's description of itself has ${length} bytes, and at most ${largestFooter} are read.`)
  }
  const footer = readStruct(await readAt(file, size - tail - length, length))
  if (footer === "deep") throw tooDeep()
  if (typeof footer === "string") throw damaged("its description cannot be read")
  const names = columnNames(listOf(footer.fields.get(fileMetaData.schema)))
  const refused = checkNames(names)
  if (refused !== undefined) throw refused
  for (const group of listOf(footer.fields.get(fileMetaData.rowGroups))) {
    for (const chunk of listOf(fieldsOf(group)?.get(rowGroup.columns))) {
      signal.throwIfAborted()
      const metaData = fieldsOf(fieldsOf(chunk)?.get(columnChunk.metaData))
      if (metaData !== undefined) await checkPages(file, metaData)
    }
  }
  return { names, numRows: numberOf(footer.fields.get(fileMetaData.numRows)) ?? 0 }
}
