/** Where and when data is: what datasets and tables share. */
import * as Schema from "effect/Schema"
import { openLiterals, openStruct, optional } from "./schema.ts"

export const GeoBBox = openStruct({
  westLongitude: optional(Schema.Number),
  eastLongitude: optional(Schema.Number),
  northLatitude: optional(Schema.Number),
  southLatitude: optional(Schema.Number)
})
export interface GeoBBox extends Schema.Schema.Type<typeof GeoBBox> {}

export const extent = {
  temporalRange: optional(Schema.Array(Schema.NullOr(Schema.Number))),
  temporalPrecision: optional(openLiterals(["year", "date", "dateTime"])),
  geoBBox: optional(GeoBBox)
}

/** What somebody may do with a dataset, from nothing to everything. */
export const AccessLevel = openLiterals(["none", "overview", "metadata", "sample", "data", "edit"])
