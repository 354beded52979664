/** The parts that references consist of, and the one rule for each that holds wherever it stands. */
import * as Result from "effect/Result"
import { InvalidInput } from "../RedivisError.ts"

// No flag `i` and only plain classes: `\w` must stay ASCII, and schemas generate values from these patterns.
export const wordPattern = /^[A-Za-z0-9_]+$/
export const tagPattern = /^(?:[vV][0-9]+[._][0-9]+|[nN][eE][xX][tT]|[cC][uU][rR][rR][eE][nN][tT])$/
export const samplePattern = /^[sS][aA][mM][pP][lL][eE]$/
// what separates parts, quotes in SQL, breaks a line, or is half a character
// oxlint-disable-next-line no-control-regex -- they are what is refused
export const namePattern = /^[^.:`\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]+$/u

/** Which of the two levels of a reference a component is, as far as that decides what it may carry. */
export type Kind = "dataset" | "workflow" | "table" | "node"

/** One component as somebody wrote it: nothing is checked yet. */
export interface Parts {
  readonly owner?: string | undefined
  readonly name: string
  readonly id?: string | undefined
  readonly version?: string | undefined
  readonly sample?: boolean | undefined
}

/** One component whose parts are right. */
export interface Component {
  readonly owner?: string
  readonly name: string
  readonly id?: string
  readonly version?: string
  readonly sample?: true
}

export const refuse = (field: string, reason: string): Result.Result<never, InvalidInput> =>
  Result.fail(new InvalidInput({ field, reason }))

/** Quoted, so that a line break in it breaks no log. */
export const show = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

export const isId = (text: string): boolean =>
  wordPattern.test(text) && !tagPattern.test(text) && !samplePattern.test(text)

export const isName = (text: string): boolean => namePattern.test(text) && text.trim() !== ""

/**
 * Whether an id at the end of a container and the name of an item in it read
 * as one tag: `:v1` and `2020` are `:v1.2020`.
 */
export const isTagTogether = (container: Component, item: Component): boolean =>
  container.id !== undefined && container.version === undefined && container.sample === undefined &&
  /^[vV][0-9]+$/.test(container.id) && /^[0-9]+$/.test(item.name)

const readName = (name: string, field: string): Result.Result<string, InvalidInput> => {
  if (name.trim() === "") return refuse(field, "is empty")
  if (name === "." || name === "..") return refuse(field, `is ${show(name)}, which is a step in a path and no name`)
  const written = name.replace(/[.:`]/g, "_")
  return namePattern.test(written)
    ? Result.succeed(written)
    : refuse(field, `must be without line breaks, control characters and halves of characters, unlike ${show(name)}`)
}

/** What a component may not carry, and why. */
export type Barred = { readonly [_ in "owner" | "version" | "sample"]?: string }

/** Checks one component. What is left out stays absent. */
export const component = (barred: Barred, parts: Parts, field: string): Result.Result<Component, InvalidInput> => {
  const { id, owner, version } = parts
  if (owner !== undefined) {
    if (barred.owner !== undefined) return refuse(`${field}.owner`, barred.owner)
    if (!wordPattern.test(owner)) {
      return refuse(`${field}.owner`, `must be letters a to z, digits and underscores, unlike ${show(owner)}`)
    }
  }
  const name = readName(parts.name, `${field}.name`)
  if (Result.isFailure(name)) return Result.fail(name.failure)
  if (id !== undefined && !isId(id)) {
    return refuse(
      `${field}.id`,
      id === ""
        ? "is empty"
        : wordPattern.test(id)
        ? `must not be ${show(id)}, which is read as a version or a sample`
        : `must be letters a to z, digits and underscores, unlike ${show(id)}`
    )
  }
  if (version !== undefined) {
    if (barred.version !== undefined) return refuse(`${field}.version`, barred.version)
    if (!tagPattern.test(version)) {
      return refuse(`${field}.version`, `must be like v1.0 or v1_0, or be next or current, unlike ${show(version)}`)
    }
  }
  const sample = parts.sample === true
  if (sample && barred.sample !== undefined) return refuse(`${field}.sample`, barred.sample)
  return Result.succeed({
    ...(owner === undefined ? undefined : { owner }),
    name: name.success,
    ...(id === undefined ? undefined : { id }),
    ...(version === undefined ? undefined : { version }),
    ...(sample ? { sample } : undefined)
  })
}

/**
 * Splits at dots, save at that inside a tag, which is matched once:
 * `o.d:v1.0.2020` ends in `2020`. More than `most` components are none.
 */
const split = (text: string, most: number): Array<string> | undefined => {
  const components: Array<string> = []
  let start = 0
  for (const match of text.matchAll(/:[vV][0-9]+\.[0-9]+(?![^.:])|\./g)) {
    if (match[0] !== ".") continue
    if (components.length === most - 1) return undefined
    components.push(text.slice(start, match.index))
    start = match.index + 1
  }
  components.push(text.slice(start))
  return components
}

const readParts = (text: string, field: string, owner: string | undefined): Result.Result<Parts, InvalidInput> => {
  // of more than four parts one stands twice
  const [name, ...rest] = text.split(":", 5)
  let id: string | undefined
  let version: string | undefined
  let sample: true | undefined
  for (const part of rest) {
    if (samplePattern.test(part)) {
      if (sample) return refuse(`${field}.sample`, `stands twice in ${show(text)}`)
      sample = true
    } else if (tagPattern.test(part)) {
      if (version !== undefined) return refuse(`${field}.version`, `stands twice in ${show(text)}`)
      version = part
    } else {
      if (id !== undefined) return refuse(`${field}.id`, `stands twice in ${show(text)}: ${show(id)}, ${show(part)}`)
      id = part
    }
  }
  return Result.succeed({ owner, name, id, version, sample })
}

const tooMany = (text: string, field: string, most: string): Result.Result<never, InvalidInput> =>
  refuse(field, `must have no more dots than ${most}, unlike ${show(text)}; a dot in a name is written _`)

/** Takes the text of a dataset or workflow apart. */
export const readContainer = (text: string, field: string): Result.Result<Parts, InvalidInput> => {
  const components = split(text, 2)
  return components === undefined
    ? tooMany(text, field, "owner.name")
    : readParts(components[components.length - 1], field, components[components.length - 2])
}

/** Takes the text of what hangs on a dataset or workflow apart. */
export const readItem = (
  text: string,
  field: string
): Result.Result<Parts & { readonly container?: Parts | undefined }, InvalidInput> => {
  const components = split(text, 3)
  if (components === undefined) return tooMany(text, field, "owner.container.name")
  const count = components.length
  const own = readParts(components[count - 1], field, undefined)
  if (Result.isFailure(own) || count === 1) return own
  const container = readParts(components[count - 2], `${field}.container`, components[count - 3])
  return Result.isFailure(container) ? container : Result.succeed({ ...own.success, container: container.success })
}
