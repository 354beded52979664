/** Checks a seed, then writes it whole or not at all. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as ExactJson from "./http/exactJson.ts"
import { fullScopes } from "./policy/caller.ts"
import * as Seed from "./Seed.ts"
import { addFiles, at, bytesOf, type Content, type Place, refuse, type Refused } from "./seedContents.ts"
import { inferFields } from "./seedRows.ts"
import { writeWorkflow } from "./seedWorkflows.ts"
import type * as Model from "./store/model.ts"
import { Store } from "./store/Store.ts"

type Segment = PropertyKey | { readonly key: PropertyKey }

const pathOf = (segments: ReadonlyArray<Segment>): string => {
  let path = ""
  for (const segment of segments) {
    const key = typeof segment === "object" ? segment.key : segment
    path += typeof key === "number" ? `[${key}]` : `${path === "" ? "" : "."}${String(key)}`
  }
  return path
}

const formatter = SchemaIssue.makeFormatterStandardSchemaV1()

/** A value as a seed, or where it does not fit; unknown properties do not fit. */
export const decode = (value: unknown): Result.Result<Seed.Seed, Seed.SeedRefused> =>
  Result.mapError(
    Schema.decodeUnknownResult(Seed.Seed)(value, { onExcessProperty: "error" }),
    (error) => {
      const issue = formatter(error.issue).issues[0]
      return refuse(pathOf(issue?.path ?? []), issue?.message ?? "it does not fit its schema")
    }
  )

const fileAt = (place: Place, path: string, file: string): Result.Result<string, Seed.SeedRefused> => {
  if (place.directory === undefined) {
    return Result.fail(refuse(path, "this seed has no folder that files are read from"))
  }
  const resolved = Path.resolve(place.directory, file)
  const stats = Result.getOrUndefined(Result.try(() => Fs.statSync(resolved)))
  return stats?.isFile() === true
    ? Result.succeed(resolved)
    : Result.fail(refuse(path, `there is no file ${file} beside the seed`))
}

const tablesOf = (dataset: Seed.Dataset, path: string): ReadonlyArray<readonly [string, Seed.Table]> => [
  ...(dataset.tables ?? []).map((table, index) => [`${path}.tables[${index}]`, table] as const),
  ...(dataset.versions ?? []).flatMap((version, position) =>
    (version.tables ?? []).map((table, index) => [`${path}.versions[${position}].tables[${index}]`, table] as const)
  )
]

/** What can be seen to be wrong before anything is written. */
const check = (seed: Seed.Seed, place: Place): Result.Result<void, Seed.SeedRefused> => {
  const contents: Array<readonly [string, Content]> = []
  for (const [index, dataset] of (seed.datasets ?? []).entries()) {
    const versions = dataset.versions ?? []
    const early = versions.findIndex((version, position) =>
      version.released === false && position < versions.length - 1
    )
    if (early >= 0) {
      return Result.fail(
        refuse(`datasets[${index}].versions[${early}].released`, "only the last version may be a draft")
      )
    }
    for (const [path, table] of tablesOf(dataset, `datasets[${index}]`)) {
      contents.push([path, table])
      for (const [position, { file, name }] of (table.files ?? []).entries()) {
        contents.push([`${path}.files[${position}]`, { name, file }])
      }
    }
  }
  for (const [index, workflow] of (seed.workflows ?? []).entries()) {
    contents.push(
      ...(workflow.tables ?? []).map((table, position) => [`workflows[${index}].tables[${position}]`, table] as const)
    )
  }
  for (const [path, content] of contents) {
    if (content.file !== undefined) {
      const found = fileAt(place, `${path}.file`, content.file)
      if (Result.isFailure(found)) return Result.fail(found.failure)
    }
    if (content.text !== undefined && (content.type === undefined || content.type === null)) {
      return Result.fail(refuse(`${path}.type`, "inline text needs a type, as delimited"))
    }
  }
  return Result.succeed(undefined)
}

// ---------------------------------------------------------------------------------------------------------------------

const fieldsOf = (table: Seed.Table): ReadonlyArray<Model.SchemaField> => {
  const inferred = inferFields(table.rows ?? [])
  const declared = (table.variables ?? []).map(({ name, type }) => ({
    name,
    type: type ?? inferred.find((field) => field.name.toLowerCase() === name.toLowerCase())?.type ?? "string" as const
  }))
  const isDeclared = (field: Model.SchemaField): boolean =>
    declared.some(({ name }) => name.toLowerCase() === field.name.toLowerCase())
  return [...declared, ...inferred.filter((field) => !isDeclared(field))]
}

const fill = Effect.fnUntraced(function*(
  lookup: Model.TableLookup,
  table: Model.Table,
  seed: Seed.Table,
  path: string,
  place: Place
): Effect.fn.Return<void, Seed.SeedRefused, Store> {
  const store = yield* Store
  const bytes = bytesOf(seed, place)
  if (bytes !== undefined) {
    const fileName = seed.file === undefined ? `${seed.name}.${seed.type ?? "csv"}` : Path.basename(seed.file)
    const key = seed.file === undefined ? "text" : "file"
    const made = yield* store.uploads.create(table, {
      name: fileName,
      type: seed.type,
      options: seed.options,
      content: { kind: "bytes", bytes }
    }).pipe(at(`${path}.${key}`))
    const done = yield* store.uploads.run(made.id).pipe(at(`${path}.${key}`))
    if (done.status !== "completed") return yield* refuse(`${path}.${key}`, done.errorMessage ?? "it cannot be read")
  } else if (seed.rows !== undefined || (seed.variables ?? []).some(({ type }) => type !== undefined)) {
    const upload = { name: "rows", type: "stream", content: { kind: "stream", schema: fieldsOf(seed) } } as const
    yield* store.uploads.createWithRows(table, upload, seed.rows ?? []).pipe(
      Effect.mapError((failure) => refuse(failure._tag === "ImportFailed" ? `${path}.rows` : path, failure.message))
    )
  }
  const described = (seed.variables ?? []).filter((variable) =>
    variable.label !== undefined || variable.description !== undefined || variable.valueLabels !== undefined
  )
  if (described.length > 0) {
    // with the columns that it has by now
    const filled = yield* store.tables.get(lookup).pipe(at(path))
    yield* store.variables.update(
      filled,
      described.map(({ description, label, name, valueLabels }) => ({
        name,
        label,
        description,
        valueLabels
      }))
    ).pipe(at(`${path}.variables`))
  }
})

const writeTable = Effect.fnUntraced(function*(
  dataset: Model.DatasetAtVersion,
  seed: Seed.Table,
  path: string,
  place: Place
): Effect.fn.Return<void, Seed.SeedRefused, Store> {
  const store = yield* Store
  const container = { owner: dataset.dataset.owner.name, id: dataset.dataset.referenceId, version: "next" }
  const known = yield* store.tables.get({ container, name: seed.name }, { nearest: true }).pipe(
    Effect.catchTag("StoreNotFound", () => Effect.succeed(undefined)),
    at(path)
  )
  if (seed.remove === true) {
    if (known === undefined) return yield* refuse(`${path}.remove`, `there is no table ${seed.name} to remove`)
    return yield* store.tables.remove(known).pipe(at(path))
  }
  const { description, isFileIndex, name, referenceId, uploadMergeStrategy } = seed
  const isDescribed = description !== undefined || uploadMergeStrategy !== undefined || isFileIndex !== undefined
  const table = known === undefined
    ? yield* store.tables.create(dataset, { name, description, isFileIndex, referenceId, uploadMergeStrategy }).pipe(
      at(path)
    )
    : isDescribed
    ? yield* store.tables.update(known, { description, uploadMergeStrategy, isFileIndex }).pipe(at(path))
    : known
  yield* fill({ container, name }, table, seed, path, place)
  if (seed.files !== undefined) yield* addFiles({ container, name }, seed.files, path, place)
})

const writeDataset = Effect.fnUntraced(function*(
  seed: Seed.Dataset,
  path: string,
  place: Place
): Effect.fn.Return<void, Seed.SeedRefused, Store> {
  const store = yield* Store
  const created = yield* store.datasets.create(seed.owner, {
    name: seed.name,
    publicAccessLevel: seed.publicAccessLevel ?? "none",
    description: seed.description ?? null,
    labels: seed.labels ?? [],
    referenceId: seed.referenceId,
    documentation: {
      methodologyMarkdown: seed.methodologyMarkdown ?? null,
      usageMarkdown: seed.usageMarkdown ?? null,
      contactInfo: seed.contactInfo ?? null,
      links: seed.links ?? [],
      tags: seed.tags ?? [],
      // read back as the JSON that they are
      supportingFiles: (seed.supportingFiles ?? []) as unknown as ReadonlyArray<Model.Json>,
      customDocumentationSections: (seed.customDocumentationSections ?? []) as unknown as ReadonlyArray<Model.Json>,
      temporalRange: seed.temporalRange ?? null,
      temporalPrecision: seed.temporalPrecision ?? null,
      geoBBox: seed.geoBBox ?? null,
      sampleConfiguration: seed.sampleConfiguration ?? null
    }
  }).pipe(at(path))
  const { id } = created.dataset
  if (seed.doi !== undefined) yield* store.datasets.update(id, { doi: seed.doi }).pipe(at(`${path}.doi`))
  for (const [index, { level, user }] of (seed.access ?? []).entries()) {
    yield* store.grants.put(id, user, level).pipe(at(`${path}.access[${index}]`))
  }
  const versions: ReadonlyArray<Seed.Version> = seed.versions ??
    // what is said to be public is released, with no table too: nobody else would see a draft
    (seed.tables !== undefined || (seed.publicAccessLevel ?? "none") !== "none" ? [{ tables: seed.tables ?? [] }] : [])
  for (const [index, version] of versions.entries()) {
    const here = seed.versions === undefined ? path : `${path}.versions[${index}]`
    if (index > 0) yield* store.versions.createNext(id).pipe(at(here))
    const draft = yield* store.datasets.get({
      owner: seed.owner,
      id: created.dataset.referenceId,
      version: "next"
    }).pipe(at(here))
    for (const [position, table] of (version.tables ?? []).entries()) {
      yield* writeTable(draft, table, `${here}.tables[${position}]`, place)
    }
    if (version.released !== false) {
      yield* store.versions.release(id, { releaseNotes: version.releaseNotes, label: version.label }).pipe(at(here))
    } else if (version.label !== undefined || version.releaseNotes !== undefined) {
      yield* store.versions.update(draft.version.id, { label: version.label, releaseNotes: version.releaseNotes }).pipe(
        at(here)
      )
    }
  }
})

const writeAll = Effect.fnUntraced(
  function*(seed: Seed.Seed, place: Place): Effect.fn.Return<void, Seed.SeedRefused, Store> {
    const store = yield* Store
    for (const [index, user] of (seed.users ?? []).entries()) {
      yield* store.accounts.putUser(user).pipe(at(`users[${index}]`))
    }
    for (const [index, { members, ...organization }] of (seed.organizations ?? []).entries()) {
      const path = `organizations[${index}]`
      yield* store.accounts.putOrganization(organization).pipe(at(path))
      for (const [position, { user, ...change }] of (members ?? []).entries()) {
        yield* store.members.put(organization.name, user, { status: "approved", ...change }).pipe(
          at(`${path}.members[${position}].user`)
        )
      }
    }
    for (const [index, token] of (seed.tokens ?? []).entries()) {
      yield* store.tokens.put({ ...token, scopes: token.scopes ?? fullScopes }).pipe(at(`tokens[${index}].user`))
    }
    for (const [index, dataset] of (seed.datasets ?? []).entries()) {
      yield* writeDataset(dataset, `datasets[${index}]`, place)
    }
    for (const [index, workflow] of (seed.workflows ?? []).entries()) {
      yield* writeWorkflow(workflow, `workflows[${index}]`, place)
    }
    for (const [index, secret] of (seed.secrets ?? []).entries()) {
      yield* store.secrets.put(secret.owner, secret.name, secret.value).pipe(at(`secrets[${index}].owner`))
    }
  }
)

/** Writes a seed: all of it, or nothing. */
export const write = (value: unknown, place: Place): Refused<void> =>
  Effect.gen(function*() {
    const store = yield* Store
    const seed = yield* Effect.fromResult(decode(value))
    yield* Effect.fromResult(check(seed, place))
    yield* store.atomically(writeAll(seed, place))
  })

const parseFile = (file: string): Effect.Effect<unknown, Seed.SeedRefused> =>
  Effect.try({
    try: (): unknown => ExactJson.parse(Fs.readFileSync(file, "utf8")),
    catch: (cause) => refuse("", `${file} cannot be read as JSON (${String(cause)})`)
  })

/** Reads a seed from a file, whose folder its files are in. */
export const readFile = (
  file: string
): Effect.Effect<{ readonly value: unknown; readonly place: Place }, Seed.SeedRefused> =>
  Effect.map(parseFile(file), (value) => ({ value, place: { directory: Path.dirname(Path.resolve(file)) } }))

/** Writes tokens, or those of a file: all of them, or none. */
export const writeTokens = (
  tokens: ReadonlyArray<Seed.Token> | string
): Effect.Effect<void, Seed.TokensRefused, Store> =>
  (typeof tokens === "string" ? parseFile(tokens) : Effect.succeed(tokens)).pipe(
    Effect.flatMap((value) => write({ tokens: value }, { directory: undefined })),
    Effect.mapError(({ path, reason }) => new Seed.TokensRefused({ path: path.replace(/^tokens/, ""), reason }))
  )
