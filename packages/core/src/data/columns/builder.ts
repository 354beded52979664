/** One column that grows batch by batch, and is put together once. */
import type { Column } from "../arrow/column.ts"
import {
  type Convert,
  converterOf,
  emptyOf,
  type Filled,
  type Forms,
  isMisfit,
  type Kind,
  kindOf,
  type Misfit
} from "./convert.ts"

type Texts = Array<string | null>

type Numbers = Exclude<Filled, Texts>

interface Chunk {
  readonly values: Numbers
  /** A byte a row, 1 for null; absent where nothing is null. */
  readonly nulls: Uint8Array | undefined
}

export interface Whole {
  readonly kind: Kind
  readonly values: Filled
  readonly nulls: Uint8Array | undefined
  readonly nullCount: number
}

/** A byte a row, 1 for null. */
const nullsOf = ({ nullCount, validity }: Column, rows: number): Uint8Array | undefined => {
  if (nullCount === 0 || validity === undefined) return undefined
  const nulls = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) nulls[row] = (validity[row >> 3]! >> (row & 7) & 1) ^ 1
  return nulls
}

const join = (chunks: Array<Numbers | undefined>, whole: Numbers): Numbers => {
  let at = 0
  for (let index = 0; index < chunks.length; index++) {
    const chunk = chunks[index]!
    whole.set(chunk as never, at) // all chunks are of one kind
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
  /** Texts stand in one array from the beginning: the garbage collector looks at each list of them. */
  readonly #texts: Texts = []
  #length = 0
  #nullCount = 0

  constructor(name: string, kind: Kind | undefined, forms: Forms) {
    this.name = name
    this.#forms = forms
    if (kind !== undefined) this.#become(kind)
  }

  /** What came before was null, and takes the form of what comes. */
  #become(kind: Kind): void {
    this.#kind = kind
    this.#convert = converterOf(kind, this.#forms)
    if (this.#length > 0) this.#pushNulls(kind, this.#length)
  }

  /** Takes the rows of a batch, or says which does not fit; a text says that the column as a whole does not. */
  add(column: Column, rows: number): Misfit | string | undefined {
    const kind = kindOf(column.type)
    if (kind === undefined) {
      if (this.#kind !== undefined) this.#pushNulls(this.#kind, rows)
      this.#length += rows
      this.#nullCount += rows
      return undefined
    }
    if (this.#kind === undefined) this.#become(kind)
    if (this.#kind !== kind) return `a column of one type, ${this.#kind}`
    const values = this.#convert!(column, rows) // is there with the kind
    if (isMisfit(values)) return values
    this.#length += rows
    this.#nullCount += column.nullCount
    if (Array.isArray(values)) { for (const text of values) this.#texts.push(text) }
    else this.#chunks.push({ values, nulls: nullsOf(column, rows) })
    return undefined
  }

  #pushNulls(kind: Kind, rows: number): void {
    const values = emptyOf(kind, this.#forms, rows)
    if (Array.isArray(values)) { for (const text of values) this.#texts.push(text) }
    else this.#chunks.push({ values, nulls: new Uint8Array(rows).fill(1) })
  }

  /** All rows in one array; the column can take no more then. */
  whole(): Whole {
    const kind = this.#kind ?? "string"
    const chunks = this.#chunks.splice(0)
    const nullCount = this.#nullCount
    if (kind === "string") {
      const texts = this.#kind === undefined ? new Array<string | null>(this.#length).fill(null) : this.#texts
      const nulls = nullCount === 0 ? undefined : new Uint8Array(texts.length)
      for (let row = 0; nulls !== undefined && row < nulls.length; row++) nulls[row] = texts[row] === null ? 1 : 0
      return { kind, values: texts, nulls, nullCount }
    }
    let nulls: Uint8Array | undefined
    if (nullCount > 0) {
      nulls = new Uint8Array(this.#length)
      let at = 0
      for (const chunk of chunks) {
        if (chunk.nulls !== undefined) nulls.set(chunk.nulls, at)
        at += chunk.values.length
      }
    }
    const values = chunks.length === 1
      ? chunks[0]!.values
      : join(chunks.map((chunk) => chunk.values), emptyOf(kind, this.#forms, this.#length) as Numbers) // as the kind says
    return { kind, values, nulls, nullCount }
  }
}
