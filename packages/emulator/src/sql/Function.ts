/**
 * What a function of GoogleSQL takes, gives and becomes in DuckDB.
 *
 * @since 0.1.0
 */
import { coerce, common, cost } from "./coercion.ts"
import type { Env } from "./Env.ts"
import { refuse } from "./SqlError.ts"
import type { Call, Expression } from "./syntax.ts"
import * as Types from "./types.ts"
import type { Value } from "./Value.ts"

/** What the emitting of a call may look at. */
export interface Context {
  readonly node: Call
  readonly env: Env
  readonly at: number
  /** What the call gives. */
  readonly type: Types.Type
  /** The arguments, in the types that the signature wants. */
  readonly values: ReadonlyArray<Value>
  /** Fails the query, or gives NULL behind `SAFE.`. */
  readonly fail: (message: string) => string
  /** Translates an argument that the signature calls `raw`. */
  readonly translate: (expression: Expression) => Value
  /** Of aggregates: puts FILTER and OVER behind a call of one. */
  readonly over: (core: string, filter?: string | undefined) => string
}

type Emit = (values: ReadonlyArray<string>, context: Context) => string

/** `raw`: not a value but something written, such as a part of a date. */
type Parameter = { readonly kind: "raw" } | { readonly kind: "of"; readonly type: Types.Type } | {
  /** Of a type that others share, an array of it, or of any type whatever. */
  readonly kind: "any" | "anyArray" | "each"
}

export interface Signature {
  readonly parameters: ReadonlyArray<Parameter>
  /** The last parameter may come any number of times, also none. */
  readonly isVariadic: boolean
  /** Nothing: the type that stands for `T`. */
  readonly result: Types.Type | "T" | "T[]"
  readonly emit: Emit
  /**
   * What becomes of NULL among the arguments: the result, which the translation
   * sees to or which what is emitted gives by itself; or what the emitting says.
   */
  readonly nulls: "guarded" | "native" | "own"
}

export interface Definition {
  readonly kind: "scalar" | "aggregate" | "window"
  readonly signatures: ReadonlyArray<Signature>
  /** Clauses that may stand in the parentheses of an aggregate. */
  readonly takes: ReadonlyArray<"DISTINCT" | "ORDER BY" | "LIMIT" | "NULLS" | "HAVING">
  /** Gives a value for every input: no argument makes it fail. */
  readonly isTotal: boolean
  /** The float that it gives is NaN only where an argument is. */
  readonly keepsNumbers: boolean
  readonly order: "needed" | "refused" | "optional"
  readonly frame: boolean
  /** Gives what it gathers, in some order. */
  readonly collects: boolean
}

const parameter = (text: string): Parameter =>
  text === "raw"
    ? { kind: "raw" }
    : text === "T"
    ? { kind: "any" }
    : text === "T[]"
    ? { kind: "anyArray" }
    : text === "EACH"
    ? { kind: "each" }
    : { kind: "of", type: typeNamed(text) }

const typeNamed = (text: string): Types.Type =>
  text.endsWith("[]")
    ? Types.arrayOf(typeNamed(text.slice(0, -2)))
    // the table of functions is written by hand and read by the tests as a whole
    : Types.scalarNamed(text as Types.ScalarName)

/**
 * `"STRING, INT64 -> STRING"`; `...` behind the last parameter lets it come any
 * number of times. The result is NULL where an argument is.
 */
export const of = (text: string, emit: Emit): Signature => signature(text, emit, "guarded")

/** The same of what is NULL for NULL by itself, as most of DuckDB's own functions are. */
export const native = (text: string, emit: Emit): Signature => signature(text, emit, "native")

/** Of what looks at NULL itself, such as `COALESCE`. */
export const looking = (text: string, emit: Emit): Signature => signature(text, emit, "own")

const signature = (text: string, emit: Emit, nulls: Signature["nulls"]): Signature => {
  const [from, to] = text.split("->").map((part) => part.trim()) as [string, string]
  const isVariadic = from.endsWith("...")
  const names = from.replace("...", "").split(",").map((name) => name.trim()).filter((name) => name !== "")
  return {
    parameters: names.map(parameter),
    isVariadic,
    result: to === "T" || to === "T[]" ? to : typeNamed(to),
    emit,
    nulls
  }
}

const definition = (kind: Definition["kind"], signatures: ReadonlyArray<Signature>): Definition => ({
  kind,
  signatures,
  takes: [],
  isTotal: false,
  keepsNumbers: true,
  order: "optional",
  frame: true,
  collects: false
})

export const scalar = (...signatures: ReadonlyArray<Signature>): Definition => definition("scalar", signatures)

export const total = (...signatures: ReadonlyArray<Signature>): Definition => ({
  ...definition("scalar", signatures),
  isTotal: true
})

export const aggregate = (
  takes: Definition["takes"],
  ...signatures: ReadonlyArray<Signature>
): Definition => ({ ...definition("aggregate", signatures), takes })

export const window = (
  how: { readonly order: Definition["order"]; readonly frame: boolean; readonly takes?: Definition["takes"] },
  ...signatures: ReadonlyArray<Signature>
): Definition => ({ ...definition("window", signatures), takes: how.takes ?? [], order: how.order, frame: how.frame })

interface Match {
  readonly signature: Signature
  /** Of each argument. */
  readonly parameters: ReadonlyArray<Parameter>
  readonly values: ReadonlyArray<Value>
  readonly type: Types.Type
}

const parameterAt = (signature: Signature, index: number): Parameter | undefined =>
  index < signature.parameters.length
    ? signature.parameters[index]
    : signature.isVariadic
    ? signature.parameters.at(-1)
    : undefined

const takesCount = (signature: Signature, count: number): boolean =>
  signature.isVariadic ? count >= signature.parameters.length - 1 : count === signature.parameters.length

/** Whether an argument is written, not computed, in every signature that takes so many. */
export const isRaw = (definition: Definition, index: number, count: number): boolean => {
  const fitting = definition.signatures.filter((signature) => takesCount(signature, count))
  return fitting.length > 0 && fitting.every((signature) => parameterAt(signature, index)?.kind === "raw")
}

/** A signature that takes the arguments, and the type that stands for `T` in it. */
interface Fit {
  readonly signature: Signature
  readonly cost: number
  readonly any: Types.Type
}

const fit = (
  signature: Signature,
  values: ReadonlyArray<Value>
): Fit | undefined => {
  if (!takesCount(signature, values.length)) return undefined
  const anyValues: Array<Value> = []
  let highest = 0
  for (const [index, each] of values.entries()) {
    const wanted = parameterAt(signature, index)!
    if (wanted.kind === "any") anyValues.push(each)
    else if (wanted.kind === "anyArray") {
      if (each.type.kind !== "array" && each.type.kind !== "unknown") return undefined
      anyValues.push({
        ...each,
        type: each.type.kind === "array" ? each.type.element : Types.unknown,
        literal: undefined
      })
    } else if (wanted.kind === "of") {
      const paid = cost(each, wanted.type)
      if (paid === undefined) return undefined
      // GoogleSQL would compute it as NUMERIC, with another result
      if (Types.isScalar(each.type, "NUMERIC") && Types.isScalar(wanted.type, "FLOAT64")) return undefined
      highest = Math.max(highest, paid)
    }
  }
  let any: Types.Type = Types.unknown
  if (anyValues.length > 0) {
    const found = common(anyValues)
    if (found === undefined) return undefined
    any = found
  }
  return { signature, cost: highest, any }
}

const matchOf = ({ any, signature }: Fit, values: ReadonlyArray<Value>): Match => {
  const coerced = values.map((each, index) => {
    const wanted = parameterAt(signature, index)!
    switch (wanted.kind) {
      case "raw":
      case "each":
        return each
      case "any":
        return coerce(each, any)
      case "anyArray":
        return coerce(each, Types.arrayOf(any))
      case "of":
        return coerce(each, wanted.type)
    }
  })
  const type = signature.result === "T"
    ? any
    : signature.result === "T[]"
    ? Types.arrayOf(any)
    : signature.result
  const parameters = values.map((_, index) => parameterAt(signature, index)!)
  return { signature, parameters, values: coerced, type }
}

/** The signature that fits best, the first of several. */
export const choose = (name: string, definition: Definition, values: ReadonlyArray<Value>, at: number): Match => {
  let best: Fit | undefined
  for (const signature of definition.signatures) {
    const found = fit(signature, values)
    if (found !== undefined && (best === undefined || found.cost < best.cost)) best = found
  }
  if (best !== undefined) return matchOf(best, values)
  const types = values.map((each) => each.sql === "" ? "a part" : Types.show(each.type)).join(", ")
  const wanted = definition.signatures.map((signature) => `${name}(${showParameters(signature)})`).slice(0, 6).join(
    " or "
  )
  return refuse(
    `No matching signature for the function ${name} for ${
      types === "" ? "no arguments" : `arguments of the types ${types}`
    }; it takes ${wanted}`,
    at
  )
}

const showParameters = (signature: Signature): string =>
  signature.parameters.map((each, index) => {
    const shown = each.kind === "of"
      ? Types.show(each.type)
      : each.kind === "any" || each.kind === "each"
      ? "ANY"
      : each.kind === "anyArray"
      ? "ARRAY"
      : "part"
    return signature.isVariadic && index === signature.parameters.length - 1 ? `${shown}, ...` : shown
  }).join(", ")
