/** One column that grows batch by batch, and is put together once. */
import type { Column } from "../arrow/column.ts"
import {
  type Convert,
  converterOf,
  emptyOf,
  type Filled,
  type Forms,
  isMisfit,
  isNull,
  type Kind,
  kindOf,
  type Misfit
} from "./convert.ts"

interface Chunk {
  readonly values: Filled
  /** A byte a row, 1 for null; absent where nothing is null. */
  readonly nulls: Uint8Array | undefined
}

export interface Whole {
  readonly kind: Kind
  readonly values: Filled
  readonly nulls: Uint8Array | undefined
  readonly nullCount: number
}

const join = (chunks: Array<Filled | undefined>, whole: Filled): Filled => {
  let at = 0
  for (let index = 0; index < chunks.length; index++) {
    const chunk = chunks[index]!
    if (Array.isArray(whole)) {
      for (let row = 0; row < chunk.length; row++) whole[at + row] = (chunk as Array<string | null>)[row]!
    } else {
      whole.set(chunk as never, at) // all chunks are of one kind
    }
    at += chunk.length
    chunks[index] = undefined // its memory is free before the next is copied
  }
  return whole
}

export class Builder {
  readonly name: string
  readonly #forms: Forms
  #kind: Kind | undefined
  #convert: Convert | undefined
  #chunks: Array<Chunk> = []
  #length = 0
  #nullCount = 0

  constructor(name: string, kind: Kind | undefined, forms: Forms) {
    this.name = name
    this.#forms = forms
    this.#kind = kind
    this.#convert = kind === undefined ? undefined : converterOf(kind, forms)
  }

  /** Takes the rows of a batch, or says which does not fit; a text says that the column as a whole does not. */
  add(column: Column, rows: number): Misfit | string | undefined {
    const kind = kindOf(column.type)
    if (kind === undefined) return this.#addNulls(rows)
    if (this.#kind === undefined) {
      // what came before was null, and takes the form of what comes now
      this.#kind = kind
      this.#convert = converterOf(kind, this.#forms)
      this.#chunks = this.#length === 0 ? [] : [this.#nullsOf(kind, this.#length)]
    }
    if (this.#kind !== kind) return `a column of one type, ${this.#kind}`
    const values = this.#convert!(column, rows) // is there with the kind
    if (isMisfit(values)) return values
    let nulls: Uint8Array | undefined
    if (column.nullCount > 0) {
      nulls = new Uint8Array(rows)
      for (let row = 0; row < rows; row++) nulls[row] = isNull(column, row) ? 1 : 0
    }
    this.#chunks.push({ values, nulls })
    this.#length += rows
    this.#nullCount += column.nullCount
    return undefined
  }

  #nullsOf(kind: Kind, rows: number): Chunk {
    return { values: emptyOf(kind, this.#forms, rows), nulls: new Uint8Array(rows).fill(1) }
  }

  #addNulls(rows: number): undefined {
    if (this.#kind !== undefined) this.#chunks.push(this.#nullsOf(this.#kind, rows))
    this.#length += rows
    this.#nullCount += rows
  }

  /** All rows in one array; the column can take no more then. */
  whole(): Whole {
    const kind = this.#kind ?? "string"
    const chunks = this.#chunks
    this.#chunks = []
    const nullCount = this.#nullCount
    let nulls: Uint8Array | undefined
    if (nullCount > 0) {
      nulls = new Uint8Array(this.#length)
      if (nullCount === this.#length) nulls.fill(1)
      let at = 0
      for (const chunk of chunks) {
        if (chunk.nulls !== undefined) nulls.set(chunk.nulls, at)
        at += chunk.values.length
      }
    }
    const values = chunks.length === 1
      ? chunks[0]!.values
      : join(chunks.splice(0).map((chunk) => chunk.values), emptyOf(kind, this.#forms, this.#length))
    return { kind, values, nulls, nullCount }
  }
}
