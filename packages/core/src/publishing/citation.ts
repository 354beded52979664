/** Citations of a dataset at the version that it was read at. */
import { harmless } from "../contract/harmless.ts"
import * as Reference from "../contract/Reference.ts"
import type { Dataset } from "../resources/Dataset.ts"
import { yearOf } from "./moments.ts"

/**
 * How a dataset is cited.
 *
 * @category models
 * @since 0.1.0
 */
export interface CitationOptions {
  /**
   * `text` is a sentence as DataCite recommends it, `bibtex` an entry `@misc`
   * with the fields of `@dataset`.
   *
   * @default "text"
   */
  readonly format?: "text" | "bibtex" | undefined
  /**
   * Who made it, as they are to be named.
   *
   * @default the full name of the owner
   */
  readonly authors?: ReadonlyArray<string> | undefined
  /**
   * The year of publication; the API tells no year of release with a dataset.
   *
   * @default the year in which it was last changed
   */
  readonly year?: number | undefined
}

/** Where it is found: by its DOI, which outlives addresses, else by its page. */
export const placeOf = (dataset: Dataset): string | undefined =>
  dataset.doi !== undefined && dataset.doi !== null && dataset.doi !== ""
    ? `https://doi.org/${dataset.doi.replace(/^(https?:\/\/(dx\.)?doi\.org\/|doi:)/i, "")}`
    : dataset.url ?? undefined

/** As `1.0`. */
export const versionOf = (dataset: Dataset): string | undefined => dataset.version?.tag.replace(/^v/i, "")

export const ownerOf = ({ owner }: Dataset): string =>
  [owner.fullName, owner.name].find((name) => name !== undefined && name !== null && name !== "") ?? "Redivis"

const publishedIn = (dataset: Dataset, year: number | undefined): string | undefined =>
  year === undefined
    ? yearOf(dataset.updatedAt ?? dataset.createdAt)
    : Number.isInteger(year)
    ? String(year)
    : undefined

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}"
}

// BibTeX counts braces that have a backslash before them too: those that are no pairs would end the field, or not
const unpaired: Readonly<Record<string, string>> = { "{": "\\textbraceleft{}", "}": "\\textbraceright{}" }

const hasPairs = (text: string): boolean => {
  let depth = 0
  for (const mark of text) {
    if (mark === "{") depth++
    if (mark === "}" && --depth < 0) return false
  }
  return depth === 0
}

const inBibtex = (text: string): string => {
  const own = hasPairs(text) ? escapes : { ...escapes, ...unpaired }
  return text.replaceAll(/[\\{}$&#%_~^]/g, (mark) => own[mark] ?? `\\${mark}`).replaceAll(/[\s\p{Cc}]+/gu, " ")
}

/** What is no part of an address, and would be one of BibTeX, as an address has it. */
const inAddress = (text: string): string => text.replaceAll(/[\s\p{Cc}{}\\"<>]/gu, encodeURIComponent)

const keyOf = (dataset: Dataset): string =>
  Reference.normalizeName([dataset.owner.name, dataset.name, dataset.version?.tag ?? ""].join("_"))

/**
 * How the dataset is cited at the version that it was read at.
 *
 * **Details**
 *
 * Sends nothing. A DOI stands in place of the page's address where the dataset
 * has one. What the dataset does not say is left out, never made up.
 *
 * **Example** (In a paper)
 *
 * ```ts
 * import * as Dataset from "@effect-redivis/core/Dataset"
 * import * as Metadata from "@effect-redivis/core/Metadata"
 * import * as Effect from "effect/Effect"
 *
 * const entry = Dataset.pin("demo.penguins").pipe(
 *   Effect.map(({ dataset }) => Metadata.citation(dataset, { format: "bibtex", authors: ["Gorman, Kristen"] }))
 * )
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const citation = (dataset: Dataset, options?: CitationOptions): string => {
  const authors = options?.authors === undefined || options.authors.length === 0 ? [ownerOf(dataset)] : options.authors
  const year = publishedIn(dataset, options?.year)
  const version = versionOf(dataset)
  const place = placeOf(dataset)
  if (options?.format !== "bibtex") {
    return harmless([
      `${authors.join("; ")}${year === undefined ? "" : ` (${year})`}.`,
      `${dataset.name}${version === undefined ? "" : ` (Version ${version})`} [Data set].`,
      "Redivis.",
      ...(place === undefined ? [] : [place])
    ].join(" "))
  }
  const address = place === undefined ? undefined : inAddress(place)
  const fields: ReadonlyArray<readonly [string, string | undefined]> = [
    ["author", authors.map((author) => `{${inBibtex(author)}}`).join(" and ")],
    ["title", `{${inBibtex(dataset.name)}}`],
    ["year", year],
    ["version", version === undefined ? undefined : inBibtex(version)],
    ["publisher", "Redivis"],
    ["doi", address?.startsWith("https://doi.org/") === true ? address.slice("https://doi.org/".length) : undefined],
    ["url", address]
  ]
  const lines = fields.flatMap(([name, value]) => value === undefined ? [] : [`  ${name} = {${value}}`])
  return `@misc{${keyOf(dataset)},\n${lines.join(",\n")}\n}\n`
}
