/** A dataset as JSON-LD: `Dataset` of schema.org, and Croissant 1.0, which adds files and records to it. */
import type { Variable } from "../resources/Variable.ts"
import { citation, ownerOf, placeOf, versionOf } from "./citation.ts"
import type { Description, TableDescription } from "./description.ts"
import { dayOf } from "./moments.ts"

/**
 * JSON.
 *
 * @category models
 * @since 0.1.0
 */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

/**
 * What proves the bytes of a table's file.
 *
 * @category models
 * @since 0.1.0
 */
export interface Checksum {
  /** In hexadecimal digits. */
  readonly sha256: string
  /** Where the file is that has it. */
  readonly contentUrl: string
  /**
   * @default "text/csv"
   */
  readonly encodingFormat?: string | undefined
  /** In bytes. */
  readonly size?: number | undefined
}

/**
 * How metadata is written.
 *
 * @category models
 * @since 0.1.0
 */
export interface JsonLdOptions {
  /**
   * @default "schema.org"
   */
  readonly format?: "schema.org" | "croissant" | undefined
  /** The address of the licence, which the API does not tell; Croissant requires one. */
  readonly license?: string | undefined
  /**
   * Who made it.
   *
   * @default the full name of the owner
   */
  readonly authors?: ReadonlyArray<string> | undefined
  /**
   * The day of publication, as `2026-01-31`.
   *
   * @default the day on which the dataset was last changed
   */
  readonly datePublished?: string | undefined
  /** Files of the tables that are published elsewhere, by the tables' names; for Croissant. */
  readonly files?: { readonly [table: string]: Checksum } | undefined
  /**
   * The base URL that rows are read from.
   *
   * @default "https://redivis.com/api/v1"
   */
  readonly endpoint?: string | undefined
}

/** Without the keys that have nothing to say. */
const said = (fields: { readonly [key: string]: Json | undefined }): { readonly [key: string]: Json } =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, Json] => {
      const value = entry[1]
      return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
    })
  )

const textOf = (parts: ReadonlyArray<string | null | undefined>): string | undefined => {
  const [first] = parts.filter((part) => part !== undefined && part !== null && part.trim() !== "")
  return first ?? undefined
}

const variableMeasured = (tables: ReadonlyArray<TableDescription>): ReadonlyArray<Json> =>
  tables.flatMap(({ table, variables }) =>
    variables.map((variable) =>
      said({
        "@type": "PropertyValue",
        name: variable.name,
        alternateName: variable.label,
        description: textOf([variable.description, variable.label]),
        // told apart from a variable of that name in another table
        propertyID: `${table.name}/${variable.name}`
      })
    )
  )

const spatialCoverage = (box: Description["dataset"]["geoBBox"]): Json | undefined => {
  const { eastLongitude, northLatitude, southLatitude, westLongitude } = box ?? {}
  return [eastLongitude, northLatitude, southLatitude, westLongitude].some((part) => typeof part !== "number")
    ? undefined
    : {
      "@type": "Place",
      // south, west, north, east, as schema.org has boxes
      geo: { "@type": "GeoShape", box: `${southLatitude} ${westLongitude} ${northLatitude} ${eastLongitude}` }
    }
}

/** Tags are for everyone; an administrator's labels stand in for them where none are told. */
const keywordsOf = ({ labels, tags }: Description["dataset"]): ReadonlyArray<string> | undefined =>
  tags === undefined || tags === null
    ? labels ?? undefined
    : tags.flatMap(({ name }) => name === undefined || name === null ? [] : [name])

const base = (
  { dataset, tables }: Description,
  options: JsonLdOptions
): { readonly [key: string]: Json | undefined } => {
  const isPerson = dataset.owner.kind === "user"
  const names = options.authors === undefined || options.authors.length === 0 ? undefined : options.authors
  const temporal = dataset.temporalRange?.map((at) => dayOf(at))
  return {
    name: dataset.name,
    // schema.org and Croissant want some description of every dataset
    description: textOf([dataset.description, dataset.methodologyMarkdown]) ?? dataset.name,
    url: dataset.url,
    identifier: placeOf(dataset),
    version: versionOf(dataset),
    license: options.license,
    creator: names === undefined
      ? [{ "@type": isPerson ? "Person" : "Organization", name: ownerOf(dataset) }]
      : names.map((name) => ({ "@type": "Person", name })),
    publisher: { "@type": "Organization", name: "Redivis", url: "https://redivis.com" },
    datePublished: options.datePublished ?? dayOf(dataset.updatedAt ?? dataset.createdAt),
    dateCreated: dayOf(dataset.createdAt),
    dateModified: dayOf(dataset.updatedAt),
    keywords: keywordsOf(dataset),
    isAccessibleForFree: dataset.publicAccessLevel === "data" ? true : undefined,
    temporalCoverage: temporal?.[0] === undefined || temporal[1] === undefined
      ? undefined
      : `${temporal[0]}/${temporal[1]}`,
    spatialCoverage: spatialCoverage(dataset.geoBBox),
    variableMeasured: variableMeasured(tables)
  }
}

// the context that the specification of Croissant 1.0 gives
const croissantContext: Json = {
  "@language": "en",
  "@vocab": "https://schema.org/",
  citeAs: "cr:citeAs",
  column: "cr:column",
  conformsTo: "dct:conformsTo",
  cr: "http://mlcommons.org/croissant/",
  data: { "@id": "cr:data", "@type": "@json" },
  dataType: { "@id": "cr:dataType", "@type": "@vocab" },
  dct: "http://purl.org/dc/terms/",
  examples: { "@id": "cr:examples", "@type": "@json" },
  extract: "cr:extract",
  field: "cr:field",
  fileObject: "cr:fileObject",
  fileProperty: "cr:fileProperty",
  fileSet: "cr:fileSet",
  format: "cr:format",
  includes: "cr:includes",
  isLiveDataset: "cr:isLiveDataset",
  jsonPath: "cr:jsonPath",
  key: "cr:key",
  md5: "cr:md5",
  parentField: "cr:parentField",
  path: "cr:path",
  rai: "http://mlcommons.org/croissant/RAI/",
  recordSet: "cr:recordSet",
  references: "cr:references",
  regex: "cr:regex",
  repeated: "cr:repeated",
  replace: "cr:replace",
  sc: "https://schema.org/",
  separator: "cr:separator",
  source: "cr:source",
  subField: "cr:subField",
  transform: "cr:transform"
}

const dataTypes: Readonly<Record<string, string>> = {
  string: "sc:Text",
  integer: "sc:Integer",
  float: "sc:Float",
  boolean: "sc:Boolean",
  date: "sc:Date",
  dateTime: "sc:DateTime",
  time: "sc:Time",
  // as well-known text
  geography: "sc:Text"
}

const fieldOf = (record: string, file: string, variable: Variable): Json =>
  said({
    "@type": "cr:Field",
    "@id": `${record}/${encodeURIComponent(variable.name)}`,
    name: variable.name,
    description: textOf([variable.description, variable.label]),
    dataType: dataTypes[variable.type] ?? "sc:Text",
    source: { fileObject: { "@id": file }, extract: { column: variable.name } }
  })

const croissant = (description: Description, options: JsonLdOptions): Json => {
  const { dataset, tables } = description
  const endpoint = (options.endpoint ?? "https://redivis.com/api/v1").replace(/(?<!\/)\/+$/, "")
  const files = options.files ?? {}
  const parts = tables.map(({ table, variables }) => {
    const record = encodeURIComponent(table.name)
    const file = `${record}.csv`
    const known = Object.hasOwn(files, table.name) ? files[table.name] : undefined
    return {
      isProved: known !== undefined,
      distribution: said({
        "@type": "cr:FileObject",
        "@id": file,
        name: `${table.name}.csv`,
        description: table.description,
        contentUrl: known?.contentUrl ??
          `${endpoint}/tables/${encodeURIComponent(table.qualifiedReference)}/rows?format=csv`,
        contentSize: known?.size === undefined ? undefined : `${known.size} B`,
        encodingFormat: known?.encodingFormat ?? "text/csv",
        sha256: known?.sha256
      }),
      record: said({
        "@type": "cr:RecordSet",
        "@id": record,
        name: table.name,
        description: table.description,
        field: variables.map((variable) => fieldOf(record, file, variable))
      })
    }
  })
  return {
    "@context": croissantContext,
    "@type": "sc:Dataset",
    conformsTo: "http://mlcommons.org/croissant/1.0",
    ...said({
      ...base(description, options),
      citeAs: citation(dataset, { format: "bibtex", authors: options.authors }),
      // a checksum may be missing only of files that are made when they are asked for
      isLiveDataset: parts.every(({ isProved }) => isProved) ? undefined : true,
      distribution: parts.map(({ distribution }) => distribution),
      recordSet: parts.map(({ record }) => record)
    })
  }
}

/**
 * A dataset as JSON-LD: `Dataset` of schema.org, which search engines read, or
 * Croissant 1.0, which describes each table's file and columns too.
 *
 * **Details**
 *
 * Sends nothing: `Metadata.read` reads what it takes. What the dataset does not
 * say is left out. Croissant asks for a licence and for each file's checksum,
 * neither of which the API tells: give `license`, and `files` for tables that
 * are published as files of yours. Other tables point to their rows as CSV,
 * and the dataset then says `isLiveDataset`, which is when validators let
 * checksums be missing. `JSON.stringify` makes the text, and `scriptElement` what
 * stands in a page.
 *
 * **Example** (Croissant)
 *
 * ```ts
 * import * as Metadata from "@effect-redivis/core/Metadata"
 * import * as Effect from "effect/Effect"
 *
 * const croissant = Metadata.read("demo.penguins").pipe(
 *   Effect.map((description) =>
 *     Metadata.jsonLd(description, {
 *       format: "croissant",
 *       license: "https://creativecommons.org/licenses/by/4.0/"
 *     })
 *   )
 * )
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const jsonLd = (description: Description, options: JsonLdOptions = {}): Json => {
  if (options.format === "croissant") return croissant(description, options)
  const { dataset } = description
  return {
    "@context": "https://schema.org/",
    "@type": "Dataset",
    ...said({
      ...base(description, options),
      sameAs: dataset.doi === undefined || dataset.doi === null || dataset.doi === "" ? undefined : placeOf(dataset),
      includedInDataCatalog: { "@type": "DataCatalog", name: "Redivis", url: "https://redivis.com" },
      hasPart: description.tables.map(({ table }) =>
        said({
          "@type": "Dataset",
          name: table.name,
          description: textOf([table.description]) ?? `${table.name}, a table of ${dataset.name}`,
          url: table.url,
          size: table.numRows === undefined || table.numRows === null ? undefined : `${table.numRows} rows`
        })
      )
    })
  }
}

const marks = /[<>&\u2028\u2029]/g

/**
 * JSON-LD as the element that a page has it in.
 *
 * **Details**
 *
 * Names and descriptions are whatever somebody wrote: what would end the
 * element, begin another or a comment in it is written as JSON has it (`<` as
 * `\u003c`), so that `JSON.parse` of the element's text gives the same again.
 *
 * **Example** (In the head of a page)
 *
 * ```ts
 * import * as Metadata from "@effect-redivis/core/Metadata"
 * import * as Effect from "effect/Effect"
 *
 * const element = Metadata.read("demo.penguins").pipe(
 *   Effect.map((description) => Metadata.scriptElement(Metadata.jsonLd(description)))
 * )
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const scriptElement = (value: Json): string => {
  const text = JSON.stringify(value).replace(marks, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return `<script type="application/ld+json">${text}</script>`
}
