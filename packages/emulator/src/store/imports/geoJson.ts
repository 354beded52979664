/** GeoJSON: a collection of features, or a feature a line. Properties become variables, the geometry well-known text. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { DuckFault, Session } from "../Database.ts"
import type { ImportFailed } from "../StoreError.ts"
import { failed, type ImportPlan } from "./ImportPlan.ts"
import { writeObjects } from "./json.ts"
import { makeArrayReader, makeLineReader } from "./jsonReader.ts"
import { elementsOf, forEachMember, stringOf } from "./jsonText.ts"
import { variableNames } from "./names.ts"
import { planOfRows } from "./rowsFile.ts"
import type { Start } from "./textFile.ts"

/** Brackets around the positions of a geometry. */
const levels: Readonly<Record<string, number>> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3
}

const isList = (text: string | undefined): text is string => text !== undefined && text.startsWith("[")

const shown = (text: string): string => text.length > 60 ? `${text.slice(0, 60)}…` : text

const membersOf = (text: string): ReadonlyMap<string, string> => {
  const members = new Map<string, string>()
  forEachMember(text, (key, value) => members.set(key, value))
  return members
}

/** A geometry as well-known text, each number as it stands in the file. */
const geometryText = (text: string, line: number): string => {
  const refuse = (reason: string): never => {
    throw failed(`Line ${line}: the geometry of the feature ${reason}.`, line)
  }
  const isObject = text.startsWith("{")
  const members = isObject ? membersOf(text) : new Map<string, string>()
  const kind = members.get("type") ?? "null"
  const type = kind.startsWith("\"") ? stringOf(kind) : ""
  if (type === "GeometryCollection") {
    const parts = members.get("geometries")
    if (!isList(parts)) return refuse("is a collection without a list of geometries")
    const texts = elementsOf(parts).map((part) => geometryText(part, line))
    return texts.length === 0 ? "GEOMETRYCOLLECTION EMPTY" : `GEOMETRYCOLLECTION(${texts.join(",")})`
  }
  if (!isObject || !Object.hasOwn(levels, type)) return refuse(`is ${shown(isObject ? kind : text)}, which is none`)
  const dimensions = new Set<number>()
  const position = (text: string): string => {
    const numbers = isList(text) ? elementsOf(text) : []
    if (numbers.length !== 2 && numbers.length !== 3 || !numbers.every((number) => /^[-0-9]/.test(number))) {
      return refuse(`has the position ${shown(text)}: two numbers, or three with a height, are one`)
    }
    dimensions.add(numbers.length)
    return numbers.join(" ")
  }
  const within = (text: string, level: number): string => {
    if (level === 0) return position(text)
    if (!isList(text)) return refuse(`has ${shown(text)} where a list of positions is expected`)
    const parts = elementsOf(text)
    return parts.length === 0 ? "EMPTY" : `(${parts.map((part) => within(part, level - 1)).join(",")})`
  }
  const coordinates = members.get("coordinates")
  if (!isList(coordinates)) return refuse("has no coordinates")
  const name = type.toUpperCase()
  const isEmpty = !/[0-9]/.test(coordinates)
  if (isEmpty && /^[[\],\s]*$/.test(coordinates)) return `${name} EMPTY`
  const level = levels[type]!
  const inner = level === 0 ? `(${position(coordinates)})` : within(coordinates, level)
  if (dimensions.size > 1) return refuse("has positions with a height and without one")
  return `${name}${dimensions.has(3) ? " Z" : ""}${inner}`
}

/** What is beside the properties, by names that no property has. */
const idKey = "\0id"
const geometryKey = "\0geometry"

const featureMembers = (text: string, line: number, each: (key: string, value: string) => void): void => {
  const members = membersOf(text)
  const type = members.get("type")
  if (type !== "\"Feature\"") {
    throw failed(`Line ${line} has no feature: its type is ${shown(type ?? "not there")}.`, line)
  }
  const properties = members.get("properties") ?? "null"
  if (properties.startsWith("{")) forEachMember(properties, each)
  else if (properties !== "null") {
    throw failed(`Line ${line}: the properties of the feature are ${shown(properties)}, which is no object.`, line)
  }
  const id = members.get("id")
  if (id !== undefined) each(idKey, id)
  const geometry = members.get("geometry") ?? "null"
  each(geometryKey, geometry === "null" ? geometry : `"${geometryText(geometry, line)}"`)
}

export const plan = (
  session: Session,
  path: string,
  start: Start,
  format: "collection" | "lines"
): Effect.Effect<ImportPlan, ImportFailed | DuckFault, Scope.Scope> =>
  Effect.gen(function*() {
    const { file, objects, rows } = yield* writeObjects(
      { path, isCompressed: start.isCompressed },
      (onRecord) => format === "lines" ? makeLineReader(onRecord) : makeArrayReader("features", onRecord),
      { own: new Set([idKey, geometryKey]), membersOf: featureMembers }
    )
    if (objects.numRecords() === 0) return yield* failed("The file has no features, so there are no rows to import")
    const columns = objects.columns()
    const rank = (index: number): number =>
      columns[index]!.name === idKey ? -1 : columns[index]!.name === geometryKey ? 1 : 0
    const order = columns.map((_, index) => index).toSorted((left, right) => rank(left) - rank(right))
    const names = variableNames(order.map((index) => columns[index]!.name.replace("\0", "")))
    return yield* planOfRows(
      session,
      file,
      rows,
      columns.map((column, index) => ({
        ...column,
        name: names[order.indexOf(index)]!,
        kind: column.name === geometryKey ? "geography" : undefined
      })),
      { order }
    )
  })
