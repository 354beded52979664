/**
 * What an emulator starts with, as JSON: accounts, tokens, datasets with their
 * versions and rows, workflows, secrets.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const optional = Schema.optionalKey

const name = Schema.String.check(Schema.isMinLength(1))

/** Text of a pattern that the JSON Schema of seeds tells too. */
const matching = (pattern: RegExp) =>
  Schema.String.check(Schema.isPattern(pattern, { toJsonSchema: () => [{ pattern: pattern.source }, true] }))

const accountName = matching(/^[A-Za-z0-9_]+$/)

const referenceId = matching(/^\w+$/).annotate({
  description: "The id that stays when the name changes; drawn if absent."
})

const text = Schema.NullOr(Schema.String)

const AccessLevel = Schema.Literals(["none", "overview", "metadata", "sample", "data", "edit"])

const PublicAccessLevel = Schema.Literals(["none", "overview", "metadata", "sample", "data"])

const VariableType = Schema.Literals([
  "string",
  "integer",
  "float",
  "boolean",
  "date",
  "dateTime",
  "time",
  "geography"
])

export const User = Schema.Struct({
  name: accountName,
  fullName: optional(Schema.String),
  contactEmail: optional(text),
  orcid: optional(text)
})

export const Member = Schema.Struct({
  user: accountName,
  status: optional(Schema.Literals(["pending", "approved", "rejected", "left", "revoked"])).annotate({
    description: "`approved` if absent."
  }),
  isAdmin: optional(Schema.Boolean),
  labels: optional(Schema.Array(Schema.String))
})

export const Organization = Schema.Struct({
  name: accountName,
  fullName: optional(Schema.String),
  ror: optional(text),
  members: optional(Schema.Array(Member))
})

export const Token = Schema.Struct({
  text: matching(/^[\x21-\x7e]+$/).annotate({ description: "What clients send." }),
  user: accountName,
  scopes: optional(Schema.Array(Schema.Literals([
    "public",
    "data.overview",
    "data.metadata",
    "data.data",
    "data.edit",
    "organization.read",
    "organization.write",
    "workflow.read",
    "workflow.write"
  ]))).annotate({ description: "All if absent." }),
  expiresAt: optional(Schema.NullOr(Schema.Number)).annotate({ description: "Milliseconds since the epoch." })
})
export interface Token extends Schema.Schema.Type<typeof Token> {}

export const Variable = Schema.Struct({
  name,
  type: optional(VariableType).annotate({
    description: "For inline rows; found out if absent. Files tell their own types."
  }),
  label: optional(text),
  description: optional(text),
  valueLabels: optional(Schema.Array(Schema.Struct({ value: Schema.String, label: Schema.String })))
})

const UploadOptions = Schema.Struct({
  hasHeaderRow: optional(Schema.Boolean),
  delimiter: optional(text),
  quoteCharacter: optional(text),
  escapeCharacter: optional(text),
  skipBadRecords: optional(Schema.Boolean),
  hasQuotedNewlines: optional(Schema.NullOr(Schema.Boolean)),
  allowJaggedRows: optional(Schema.Boolean),
  nullMarkers: optional(Schema.NullOr(Schema.Array(Schema.String)))
})

const content = {
  /** One object a row. */
  rows: optional(Schema.Array(Schema.Record(Schema.String, Schema.Union([Schema.Json, Schema.BigInt])))).annotate({
    description: "Inline rows, an object each."
  }),
  file: optional(name).annotate({ description: "A file beside the seed, by its path from there." }),
  text: optional(Schema.String).annotate({ description: "The content of a file, inline." }),
  type: optional(Schema.NullOr(Schema.String)).annotate({
    description: "How the file or text is to be read, as `delimited`; by the end of the file's name if absent."
  }),
  options: optional(UploadOptions)
}

const hasOneContent = Schema.makeFilter<{ readonly rows?: unknown; readonly file?: unknown; readonly text?: unknown }>(
  (table) => [table.rows, table.file, table.text].filter((given) => given !== undefined).length <= 1,
  { expected: "at most one of rows, file and text" }
)

/** A file of a table that is a file index. */
export const RawFile = Schema.Struct({
  name,
  text: optional(Schema.String).annotate({ description: "What is in it, inline." }),
  file: optional(name).annotate({ description: "A file beside the seed, by its path from there." })
}).check(Schema.makeFilter<{ readonly text?: unknown; readonly file?: unknown }>(
  ({ file, text }) => (file === undefined) !== (text === undefined),
  { expected: "one of text and file" }
))
export interface RawFile extends Schema.Schema.Type<typeof RawFile> {}

export const Table = Schema.Struct({
  name,
  description: optional(text),
  referenceId: optional(referenceId),
  uploadMergeStrategy: optional(Schema.Literals(["append", "replace"])),
  isFileIndex: optional(Schema.Boolean),
  variables: optional(Schema.Array(Variable)),
  files: optional(Schema.Array(RawFile)).annotate({ description: "Files of a table that is a file index." }),
  remove: optional(Schema.Boolean).annotate({ description: "Takes a table of the version before away." }),
  ...content
}).check(hasOneContent)
export interface Table extends Schema.Schema.Type<typeof Table> {}

export const Version = Schema.Struct({
  released: optional(Schema.Boolean).annotate({ description: "True if absent. Only the last version may be a draft." }),
  label: optional(text),
  releaseNotes: optional(text),
  tables: optional(Schema.Array(Table)).annotate({
    description: "What this version adds: tables, or rows to tables of the version before."
  })
})
export interface Version extends Schema.Schema.Type<typeof Version> {}

export const Dataset = Schema.Struct({
  owner: accountName,
  name,
  referenceId: optional(referenceId),
  description: optional(text),
  publicAccessLevel: optional(PublicAccessLevel).annotate({ description: "`none` if absent." }),
  labels: optional(Schema.Array(Schema.String)),
  tags: optional(Schema.Array(name)).annotate({ description: "Words that whoever sees the dataset may read." }),
  doi: optional(text),
  methodologyMarkdown: optional(text),
  usageMarkdown: optional(text),
  contactInfo: optional(text),
  links: optional(Schema.Array(Schema.Struct({ title: Schema.String, url: Schema.String }))),
  supportingFiles: optional(Schema.Array(Schema.Struct({
    name: Schema.String,
    url: optional(Schema.String),
    accessLevel: optional(AccessLevel),
    mimeType: optional(Schema.String),
    size: optional(Schema.Number)
  }))),
  customDocumentationSections: optional(Schema.Array(Schema.Struct({
    title: Schema.String,
    accessLevel: optional(AccessLevel),
    markdownContent: optional(Schema.String)
  }))),
  temporalRange: optional(Schema.NullOr(Schema.Tuple([Schema.Number, Schema.Number]))),
  temporalPrecision: optional(Schema.NullOr(Schema.Literals(["year", "date", "dateTime"]))),
  geoBBox: optional(Schema.NullOr(Schema.Struct({
    westLongitude: Schema.Number,
    eastLongitude: Schema.Number,
    northLatitude: Schema.Number,
    southLatitude: Schema.Number
  }))),
  sampleConfiguration: optional(Schema.NullOr(Schema.Struct({
    variableName: text,
    targetRatio: Schema.Number
  }))),
  access: optional(Schema.Array(Schema.Struct({ user: accountName, level: AccessLevel }))).annotate({
    description: "What users may do beyond what everybody may."
  }),
  versions: optional(Schema.Array(Version)),
  tables: optional(Schema.Array(Table)).annotate({
    description: "In place of `versions`: those of one released version."
  })
}).check(Schema.makeFilter(
  (dataset: { readonly versions?: unknown; readonly tables?: unknown }) =>
    dataset.versions === undefined || dataset.tables === undefined,
  { expected: "versions or tables, not both" }
))
export interface Dataset extends Schema.Schema.Type<typeof Dataset> {}

export const Parameter = Schema.Struct({
  name: matching(/^[A-Za-z_]\w{0,59}$/),
  type: optional(VariableType).annotate({ description: "What the values have in common if absent." }),
  values: Schema.Array(Schema.Union([Schema.String, Schema.Number, Schema.Boolean]))
})

export const DataSource = Schema.Struct({
  sourceDataset: optional(name).annotate({ description: "The reference of a dataset, as `demo.birds:v1_0:sample`." }),
  sourceWorkflow: optional(name).annotate({ description: "The reference of a workflow that stands before this one." })
}).check(Schema.makeFilter(
  ({ sourceDataset, sourceWorkflow }: { readonly sourceDataset?: string; readonly sourceWorkflow?: string }) =>
    (sourceDataset === undefined) !== (sourceWorkflow === undefined),
  { expected: "exactly one of sourceDataset and sourceWorkflow" }
))

const node = {
  name,
  referenceId: optional(referenceId),
  sourceTable: optional(name).annotate({
    description: "The name of a table of the workflow or of its data sources, or its whole reference."
  }),
  outputName: optional(name).annotate({ description: "What the table is called that a run makes." })
}

export const Transform = Schema.Struct({
  ...node,
  query: optional(Schema.String).annotate({
    description: "GoogleSQL. Tables of the workflow and its data sources go by their names, the source table by " +
      "`_source_`, parameters by `@` and their name."
  })
})
export interface Transform extends Schema.Schema.Type<typeof Transform> {}

export const Notebook = Schema.Struct(node)
export interface Notebook extends Schema.Schema.Type<typeof Notebook> {}

export const Workflow = Schema.Struct({
  owner: accountName,
  name,
  referenceId: optional(referenceId),
  description: optional(text),
  publicAccessLevel: optional(Schema.Literals(["none", "view"])),
  study: optional(text),
  tables: optional(Schema.Array(
    Schema.Struct({ name, description: optional(text), referenceId: optional(referenceId), ...content }).check(
      hasOneContent
    )
  )),
  parameters: optional(Schema.Array(Parameter)),
  dataSources: optional(Schema.Array(DataSource)),
  transforms: optional(Schema.Array(Transform)).annotate({ description: "The API makes none." }),
  notebooks: optional(Schema.Array(Notebook)).annotate({
    description: "The API makes none, and their code does not run."
  })
})
export interface Workflow extends Schema.Schema.Type<typeof Workflow> {}

export interface DataSource extends Schema.Schema.Type<typeof DataSource> {}

export const Secret = Schema.Struct({ owner: accountName, name, value: Schema.String })

/**
 * A seed. Its JSON Schema is published beside the package as
 * `seed.schema.json`.
 *
 * @category models
 * @since 0.1.0
 */
export const Seed = Schema.Struct({
  $schema: optional(Schema.String),
  users: optional(Schema.Array(User)),
  organizations: optional(Schema.Array(Organization)),
  tokens: optional(Schema.Array(Token)),
  datasets: optional(Schema.Array(Dataset)),
  workflows: optional(Schema.Array(Workflow)),
  secrets: optional(Schema.Array(Secret))
})
/**
 * @category models
 * @since 0.1.0
 */
export interface Seed extends Schema.Schema.Type<typeof Seed> {}

/**
 * A seed that cannot be taken. Nothing of it was written.
 *
 * @category errors
 * @since 0.1.0
 */
export class SeedRefused
  extends Schema.TaggedError<SeedRefused>("@effect-redivis/emulator/SeedRefused")("SeedRefused", {
    /** As `datasets[0].tables[1].file`; empty for the seed itself. */
    path: Schema.String,
    reason: Schema.String
  })
{
  override get message(): string {
    return `The seed is refused${this.path === "" ? "" : ` at ${this.path}`}: ${this.reason}. Nothing was seeded.`
  }
}

/**
 * Tokens beside the seed that cannot be taken. None of them was.
 *
 * @category errors
 * @since 0.1.0
 */
export class TokensRefused
  extends Schema.TaggedError<TokensRefused>("@effect-redivis/emulator/TokensRefused")("TokensRefused", {
    /** As `[0].scopes[1]`; empty for the list itself. */
    path: Schema.String,
    reason: Schema.String
  })
{
  override get message(): string {
    return `The tokens are refused${this.path === "" ? "" : ` at ${this.path}`}: ${this.reason}.`
  }
}
