/** What two answers have in common that have the same shape, and where they differ. */
import { at, formOf, isObject, type Json, readDocument } from "../../scripts/forms.ts"
import { headerForms, type Recording } from "../../scripts/recording.ts"

/** One thing that is otherwise; `absent` stands for what is not there. */
export interface Difference {
  readonly at: string
  readonly recorded: string
  readonly emulator: string
}

/** What an answer has at a path, where `[]` is any item of a list. */
interface Place {
  readonly forms: Set<string>
  /** How often it is there, and how often as an object. */
  count: number
  objects: number
  /** The path of what it stands in. */
  readonly of: string
}

const isSubstantive = (form: string): boolean => form !== "null" && form !== "empty list" && form !== "empty text"

const placesOf = (body: Json): ReadonlyMap<string, Place> => {
  const places = new Map<string, Place>()
  const note = (path: string, form: string, of: string): void => {
    const place = places.get(path) ?? { forms: new Set<string>(), count: 0, objects: 0, of }
    places.set(path, place)
    place.forms.add(form)
    place.count++
    if (form === "object") place.objects++
  }
  const visit = (value: Json, path: string, key: string, siblings: Json, of: string): void => {
    if (Array.isArray(value)) {
      note(path, value.length === 0 ? "empty list" : "list", of)
      for (const item of value) visit(item, `${path}[]`, key, siblings, path)
    } else if (isObject(value)) {
      note(path, "object", of)
      for (const [inner, property] of Object.entries(value)) visit(property, `${path}.${inner}`, inner, value, path)
    } else {
      note(path, formOf(key, value as null | boolean | number | string, siblings), of) // neither list nor object
    }
  }
  visit(body, "body", "", null, "")
  return places
}

/** How often something is there of the objects that it could stand in. */
const presence = (places: ReadonlyMap<string, Place>, path: string, parent: string): string => {
  const count = places.get(path)?.count ?? 0
  if (count === 0) return "absent"
  return !path.endsWith("[]") && count < (places.get(parent)?.objects ?? 0) ? "sometimes" : "always"
}

const shown = (forms: Iterable<string>): string => [...forms].toSorted().join(" | ")

/**
 * Key by key and form by form. That a value is null is no difference, for it may
 * be something in the next answer; that it is missing, or empty where it was
 * null, is one.
 */
export const compareBodies = (recorded: Json, emulator: Json, isPartial: boolean): ReadonlyArray<Difference> => {
  const [expected, found] = [placesOf(recorded), placesOf(emulator)]
  const differences: Array<Difference> = []
  const otherwise = new Set<string>()
  for (const path of new Set([...expected.keys(), ...found.keys()])) {
    const [wanted, given] = [expected.get(path), found.get(path)]
    const parent = (wanted ?? given)!.of
    // nothing is known of what stands in a value that was null or not there
    const isUnknown = wanted === undefined && (isPartial || (parent !== "" && expected.get(parent)?.objects === 0))
    if (otherwise.has(parent) || isUnknown) {
      otherwise.add(path)
      continue
    }
    const [one, other] = [presence(expected, path, parent), presence(found, path, parent)]
    if (one === "absent" || other === "absent" || (one !== other && !isPartial)) {
      differences.push({
        at: path,
        recorded: one === "always" ? shown(wanted!.forms) : one,
        emulator: other === "always" ? shown(given!.forms) : other
      })
      otherwise.add(path)
      continue
    }
    const missing = [...wanted!.forms].filter((form) => isSubstantive(form) && !given!.forms.has(form))
    const isSomething = [...wanted!.forms].some(isSubstantive)
    const added = [...given!.forms].filter((form) =>
      form !== "null" && !wanted!.forms.has(form) && isSubstantive(form) === isSomething
    )
    if (missing.length > 0 || added.length > 0) {
      differences.push({ at: path, recorded: shown(wanted!.forms), emulator: shown(given!.forms) })
      if (missing.includes("object") || missing.includes("list")) otherwise.add(path)
    }
  }
  return differences
}

export const compareHeaders = (recording: Recording, headers: Headers): ReadonlyArray<Difference> => {
  const known = recording.response.headers
  if (known === undefined) return []
  const names = recording.source.strength === "recorded" ? Object.keys(headerForms) : Object.keys(known)
  return names.flatMap((name) => {
    const formAt = (value: string | null | undefined): string =>
      value === null || value === undefined ? "absent" : headerForms[name]!(value)
    const [recorded, emulator] = [formAt(known[name]), formAt(headers.get(name))]
    return recorded === emulator ? [] : [{ at: `header ${name}`, recorded, emulator }]
  })
}

// ---------------------------------------------------------------------------------------------------------------------

const operationIn = (document: Json, name: string): Json | undefined => {
  const paths = isObject(document) ? document["paths"] : undefined
  if (!isObject(paths)) return undefined
  return Object.values(paths).filter(isObject).flatMap((methods) => Object.values(methods)).filter(isObject).find(
    ({ operationId }) => operationId === name
  )
}

/** The properties of an answer that the contract has no type for. */
export const untyped = (operation: string, body: Json): ReadonlyArray<Difference> => {
  const { document, resolve } = readDocument()
  const schema = at(operationIn(document, operation), "responses", "200", "content", "application/json", "schema")
  const paths = new Set<string>()
  /** The schemas that a value may have. */
  const alternatives = (schema: Json | undefined): ReadonlyArray<Json | undefined> => {
    const inner = resolve(schema)
    const nested = ["anyOf", "oneOf", "allOf"].flatMap((key) => {
      const list = at(inner, key)
      return Array.isArray(list) ? list.flatMap((one: Json) => alternatives(one)) : []
    })
    return [inner, ...nested]
  }
  const visit = (value: Json, schemas: ReadonlyArray<Json | undefined>, path: string): void => {
    if (Array.isArray(value)) {
      const items = schemas.flatMap((schema) => alternatives(at(schema, "items")))
      for (const item of value) visit(item, items, `${path}[]`)
    } else if (isObject(value)) {
      for (const [key, property] of Object.entries(value)) {
        const known = schemas.filter((schema) => isObject(at(schema, "properties", key)))
        if (known.length === 0) paths.add(`${path}.${key}`)
        else visit(property, known.flatMap((schema) => alternatives(at(schema, "properties", key))), `${path}.${key}`)
      }
    }
  }
  if (schema === undefined) throw new Error(`the document has no JSON answer of ${operation}`)
  visit(body, alternatives(schema), "body")
  return [...paths].map((path) => ({ at: `type of ${path}`, recorded: "present", emulator: "not in the contract" }))
}
