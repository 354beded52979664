/** A world of the emulator that has one of everything that was recorded, and how a recording's request is made of it. */
import { operations } from "@effect-redivis/core/Contract"
import type { Seed } from "@effect-redivis/emulator/Seed"
import type { Recording } from "../../scripts/recording.ts"

/** Rows of more bytes than this need a token. */
export const anonymousBytes = 5000

const recorded = { publicAccessLevel: "data", description: "Of birds.", doi: "10.12345/birds" } as const

/** More than a page of 50, of every kind that a listing was seen to have. */
const others = Array.from({ length: 58 }, (_, number) => ({
  owner: "BirdLab",
  name: `Counts (${number})`,
  // listings are in the order of ids, which begin so: what each page has is then the same in every run
  referenceId: `c${String(number).padStart(3, "0")}`,
  doi: `10.12345/counts-${number}`,
  versions: [{}],
  publicAccessLevel: (["overview", "metadata", "data"] as const)[number % 3]!,
  description: number % 2 === 0 ? null : "Counts of birds.",
  ...(number % 4 === 0 ? { temporalRange: [-86_400_000, 1] as const, temporalPrecision: "date" as const } : undefined),
  ...(number % 5 === 0
    ? { geoBBox: { westLongitude: -180, eastLongitude: 180, northLatitude: 89.5, southLatitude: -90 } }
    : undefined),
  ...(number % 6 < 2
    ? { sampleConfiguration: { variableName: number % 6 === 0 ? null : "Band_ID", targetRatio: 0.01 } }
    : undefined)
}))

export const seed: Seed = {
  users: [{ name: "reader" }],
  organizations: [{ name: "BirdLab", fullName: "Laboratory of Birds" }],
  tokens: [{ text: "valid-token", user: "reader", scopes: ["data.data"] }],
  datasets: [
    {
      owner: "BirdLab",
      name: "Penguins",
      referenceId: "peng",
      ...recorded,
      temporalRange: [1_366_405_738_562, 1_617_252_349_000],
      temporalPrecision: "dateTime",
      methodologyMarkdown: "Counted.",
      usageMarkdown: "Look at them.",
      tables: [
        {
          name: "Birds",
          referenceId: "brds",
          variables: [
            { name: "species", type: "string" },
            { name: "Band_ID", type: "integer", label: "Band", description: "The number on the band" },
            { name: "mass", type: "float" },
            { name: "seen_at", type: "dateTime" },
            { name: "place", type: "geography" }
          ],
          rows: [
            { species: "Adelie", Band_ID: 1, mass: 3.75, seen_at: "2020-01-02T03:04:05", place: "POINT(1.5 2.5)" },
            { species: "Gentoo", Band_ID: 4, mass: 5.25, seen_at: "2020-02-03T04:05:06", place: "POINT(3.5 4.5)" }
          ]
        },
        {
          name: "Many",
          referenceId: "many",
          rows: Array.from({ length: 100 }, (_, number) => ({ number, text: "x".repeat(100) }))
        }
      ]
    },
    {
      owner: "BirdLab",
      name: "Without tables",
      referenceId: "bare",
      tags: ["Counts"],
      ...recorded,
      customDocumentationSections: [{ title: "Words", accessLevel: "overview", markdownContent: "None." }],
      versions: [{}]
    },
    ...others
  ]
}

/** What an operation's parameters are, unless a recording says otherwise. */
const parameters: Readonly<Record<string, string>> = {
  organization: "BirdLab",
  user: "reader",
  dataset: "birdlab.penguins:peng:v1_0",
  table: "birdlab.penguins:peng:v1_0.birds:brds",
  variable: "species",
  tag: "v1.0"
}

/** Names of what has no place in this world. */
const named: Readonly<Record<string, string>> = {
  workflow: "birdlab.flights:f123",
  transform: "birdlab.flights:f123.joined:j123",
  notebook: "birdlab.flights:f123.model:m123"
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly params: Readonly<Record<string, string>>
}

/** What the client is asked with, of things that need not be in this world: a server answers as recorded. */
export const inputOf = ({ request }: Recording): { readonly params: Readonly<Record<string, string>> } => {
  const path = operations.find(({ name }) => name === request.operation)?.path ?? ""
  const names = path.split("/").filter((part) => part.startsWith(":")).map((part) => part.slice(1))
  return {
    params: Object.fromEntries(
      names.map((name) => [name, request.as?.[name] ?? parameters[name] ?? named[name] ?? "1"])
    )
  }
}

/** The request of a recording, to the things of this world; nothing where the world has no such thing. */
export const requestOf = ({ request }: Recording): Asked | undefined => {
  if (request.operation === undefined) return { method: "GET", path: request.path ?? "", params: {} }
  const operation = operations.find(({ name }) => name === request.operation)
  if (operation === undefined) throw new Error(`the contract has no ${request.operation}`)
  const names = operation.path.split("/").filter((part) => part.startsWith(":")).map((part) => part.slice(1))
  const params: Record<string, string> = {}
  for (const name of names) {
    const value = request.as?.[name] ?? parameters[name]
    if (value === undefined) return undefined
    params[name] = value
  }
  const path = operation.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""))
  return { method: operation.method, path, params }
}

export const tokens: Readonly<Record<Recording["request"]["token"], string | undefined>> = {
  valid: "valid-token",
  wrong: "made-up-token",
  none: undefined
}
