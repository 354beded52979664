/** From method and path to an operation and its parameters. */
import { operations } from "@effect-redivis/core/Contract"
import * as Result from "effect/Result"
import { type Alias, aliases } from "../handlers/legacy.ts"

export type AnyOperation = typeof operations[number]

export interface Match {
  readonly operation: AnyOperation
  readonly params: Readonly<Record<string, string>>
  /** The other way by which it was called. */
  readonly alias: Alias | undefined
  /** A HEAD of what is only there to GET. */
  readonly withoutBody: boolean
}

interface Template {
  readonly operation: AnyOperation
  readonly alias: Alias | undefined
  readonly segments: ReadonlyArray<string>
}

/** The longest parameter, in characters as they come over the wire. */
const longestParameter = 4096

const templates = new Map<string, Array<Template>>()

const add = (method: string, template: Template): void => {
  const key = `${method} ${template.segments.length}`
  const known = templates.get(key)
  if (known === undefined) templates.set(key, [template])
  else known.push(template)
}

/** How many segments are literal: `/users/me` goes before `/users/:user`. */
const literals = (template: Template): number => template.segments.filter((segment) => !segment.startsWith(":")).length

const fits = (template: Template, segments: ReadonlyArray<string>): boolean =>
  template.segments.every((expected, index) =>
    expected.startsWith(":")
      ? segments[index] !== "" && segments[index]!.length <= longestParameter
      : expected === segments[index]
  )

const prepare = (): void => {
  for (const operation of operations) {
    for (const alias of [undefined, ...aliases.filter((alias) => alias.operation === operation.name)]) {
      const segments = (alias?.path ?? operation.path).split("/").slice(1)
      add(alias?.method ?? operation.method, { operation, alias, segments })
    }
  }
  for (const list of templates.values()) list.sort((a, b) => literals(b) - literals(a))
}

const find = (method: string, segments: ReadonlyArray<string>): Template | undefined => {
  if (templates.size === 0) prepare()
  return templates.get(`${method} ${segments.length}`)?.find((template) => fits(template, segments))
}

/** The paths that something answers at, below the base, with their parameters as `:dataset`. */
export const paths = (): ReadonlyArray<string> => {
  if (templates.size === 0) prepare()
  return [...new Set([...templates.values()].flat().map(({ segments }) => `/${segments.join("/")}`))]
}

/** Percent-decodes once; nothing where the escapes are malformed. */
export const decodeSegment = (segment: string): string | undefined =>
  Result.getOrUndefined(Result.try(() => decodeURIComponent(segment)))

/**
 * The operation at a path below the base; `undefined` where there is none, and
 * a failure where the path has malformed escapes.
 */
export const match = (method: string, path: string): Result.Result<Match | undefined, string> => {
  const segments = path.split("/").slice(1)
  if (segments.some((segment) => segment.includes("%") && decodeSegment(segment) === undefined)) {
    return Result.fail("The path has a malformed percent escape")
  }
  const direct = find(method, segments)
  const template = direct ?? (method === "HEAD" ? find("GET", segments) : undefined)
  if (template === undefined || (direct === undefined && template.operation.kind !== "json")) {
    return Result.succeed(undefined)
  }
  const params: Record<string, string> = {}
  template.segments.forEach((expected, index) => {
    if (expected.startsWith(":")) params[expected.slice(1)] = decodeSegment(segments[index]!)!
  })
  return Result.succeed({
    operation: template.operation,
    alias: template.alias,
    params,
    withoutBody: direct === undefined
  })
}
