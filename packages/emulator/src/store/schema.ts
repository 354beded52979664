/**
 * The tables of the catalogue.
 *
 * Rows of data live in `content.c_<id>`, one table for each upload or query,
 * which are written once (streams: added to) and shared by all that show them.
 * A relation says which contents, and how many rows of each, make up a table at
 * one moment; it never changes, so versions, read sessions and queries that are
 * under way keep what they began with, and a new version copies no rows.
 *
 * The catalogue is read in memory (`catalogue/Catalogue.ts`); DuckDB has it where
 * a folder keeps it. There are no keys and no indexes: the store checks under its
 * one writer, and DuckDB would take an update of an indexed row for a conflict
 * with itself.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Column, Columns } from "./catalogue/compile.ts"
import type { ColumnType } from "./catalogue/parse.ts"
import type { Database } from "./Database.ts"

export const statements = [
  "CREATE SCHEMA IF NOT EXISTS registry",
  "CREATE SCHEMA IF NOT EXISTS content",
  "CREATE SEQUENCE IF NOT EXISTS registry.position",
  `CREATE TABLE IF NOT EXISTS registry.accounts (
    key VARCHAR, kind VARCHAR, name VARCHAR, full_name VARCHAR, contact_email VARCHAR, orcid VARCHAR, ror VARCHAR,
    doi_prefix VARCHAR, position BIGINT DEFAULT nextval('registry.position')
  )`,
  `CREATE TABLE IF NOT EXISTS registry.members (
    organization_key VARCHAR, user_key VARCHAR, status VARCHAR, is_admin BOOLEAN, labels VARCHAR, created_at BIGINT,
    approved_at BIGINT, rejected_at BIGINT, left_at BIGINT, position BIGINT DEFAULT nextval('registry.position')
  )`,
  `CREATE TABLE IF NOT EXISTS registry.comments (
    organization_key VARCHAR, user_key VARCHAR, author VARCHAR, text VARCHAR, created_at BIGINT,
    position BIGINT DEFAULT nextval('registry.position')
  )`,
  `CREATE TABLE IF NOT EXISTS registry.tokens (
    id VARCHAR, hash VARCHAR, user_key VARCHAR, scopes VARCHAR, created_at BIGINT, expires_at BIGINT
  )`,
  "CREATE TABLE IF NOT EXISTS registry.grants (dataset_id VARCHAR, user_key VARCHAR, level VARCHAR)",
  `CREATE TABLE IF NOT EXISTS registry.secrets (
    owner_key VARCHAR, name VARCHAR, value VARCHAR, created_at BIGINT, updated_at BIGINT
  )`,
  `CREATE TABLE IF NOT EXISTS registry.datasets (
    id VARCHAR, owner_key VARCHAR, reference_id VARCHAR, name VARCHAR, name_key VARCHAR, description VARCHAR,
    labels VARCHAR, public_access_level VARCHAR, doi VARCHAR, documentation VARCHAR, created_at BIGINT,
    updated_at BIGINT, total_num_bytes BIGINT DEFAULT 0, position BIGINT DEFAULT nextval('registry.position')
  )`,
  `CREATE TABLE IF NOT EXISTS registry.versions (
    id VARCHAR, dataset_id VARCHAR, ordinal INTEGER, major INTEGER, minor INTEGER, label VARCHAR,
    release_notes VARCHAR, is_released BOOLEAN, is_deleted BOOLEAN, status VARCHAR, release_error VARCHAR,
    created_at BIGINT, updated_at BIGINT, released_at BIGINT, table_count BIGINT DEFAULT 0, num_bytes BIGINT DEFAULT 0
  )`,
  `CREATE TABLE IF NOT EXISTS registry.workflows (
    id VARCHAR, owner_key VARCHAR, reference_id VARCHAR, name VARCHAR, name_key VARCHAR, description VARCHAR,
    public_access_level VARCHAR, study_access_level VARCHAR, study VARCHAR, created_at BIGINT, last_active BIGINT,
    position BIGINT DEFAULT nextval('registry.position')
  )`,
  `CREATE TABLE IF NOT EXISTS registry.parameters (
    id VARCHAR, workflow_id VARCHAR, name VARCHAR, type VARCHAR, listed VARCHAR, created_at BIGINT, updated_at BIGINT,
    position BIGINT DEFAULT nextval('registry.position')
  )`,
  // Either a dataset's version, or a workflow.
  `CREATE TABLE IF NOT EXISTS registry.data_sources (
    id VARCHAR, workflow_id VARCHAR, dataset_id VARCHAR, version_id VARCHAR, is_sample BOOLEAN,
    source_workflow_id VARCHAR, mapped_tables VARCHAR, created_at BIGINT, updated_at BIGINT,
    position BIGINT DEFAULT nextval('registry.position')
  )`,
  `CREATE TABLE IF NOT EXISTS registry.nodes (
    id VARCHAR, workflow_id VARCHAR, kind VARCHAR, reference_id VARCHAR, name VARCHAR, name_key VARCHAR, query VARCHAR,
    source VARCHAR, output_name VARCHAR, output_table_id VARCHAR, current_job_id VARCHAR, last_job_id VARCHAR,
    created_at BIGINT, updated_at BIGINT, position BIGINT DEFAULT nextval('registry.position')
  )`,
  `CREATE TABLE IF NOT EXISTS registry.node_jobs (
    id VARCHAR, node_id VARCHAR, kind VARCHAR, status VARCHAR, error_message VARCHAR, created_at BIGINT,
    finished_at BIGINT
  )`,
  // container_id is a dataset's id or a workflow's, which has no versions and so is its own version. The figures are those of the relation:
  // planning a join takes DuckDB longer than all the rest of a look-up.
  `CREATE TABLE IF NOT EXISTS registry.tables (
    version_id VARCHAR, container_id VARCHAR, table_id VARCHAR, reference_id VARCHAR, name VARCHAR, name_key VARCHAR, description VARCHAR,
    is_file_index BOOLEAN, strategy VARCHAR, is_emptied BOOLEAN, inherited_id VARCHAR, relation_id VARCHAR,
    num_rows BIGINT, num_bytes BIGINT, hash VARCHAR, variable_count BIGINT, created_at BIGINT, updated_at BIGINT,
    position BIGINT
  )`,
  // Rows that a draft's table had when the draft was opened.
  "ALTER TABLE registry.tables ADD COLUMN IF NOT EXISTS first_rows BIGINT DEFAULT 0",
  `CREATE TABLE IF NOT EXISTS registry.notes (
    version_id VARCHAR, table_id VARCHAR, variable_key VARCHAR, label VARCHAR, description VARCHAR,
    value_labels VARCHAR
  )`,
  `CREATE TABLE IF NOT EXISTS registry.uploads (
    id VARCHAR, table_id VARCHAR, version_id VARCHAR, name VARCHAR, name_key VARCHAR, type VARCHAR, status VARCHAR,
    error_message VARCHAR, options VARCHAR, metadata VARCHAR, hash VARCHAR, size BIGINT, bad_records BIGINT, attempts INTEGER DEFAULT 0,
    relation_id VARCHAR, num_rows BIGINT, num_bytes BIGINT, created_at BIGINT, updated_at BIGINT, position BIGINT DEFAULT nextval('registry.position')
  )`,
  `CREATE TABLE IF NOT EXISTS registry.temp_uploads (
    id VARCHAR, table_id VARCHAR, user_name VARCHAR, name VARCHAR, size BIGINT, resumable BOOLEAN, received BIGINT,
    is_used BOOLEAN, created_at BIGINT, expires_at BIGINT
  )`,
  // Of the version whose draft it was added to; later versions inherit the rows that name it.
  `CREATE TABLE IF NOT EXISTS registry.raw_files (
    id VARCHAR, dataset_id VARCHAR, table_id VARCHAR, version_id VARCHAR, name VARCHAR, size BIGINT, md5_hash VARCHAR,
    added_at BIGINT, position BIGINT DEFAULT nextval('registry.position')
  )`,
  `CREATE TABLE IF NOT EXISTS registry.exports (
    id VARCHAR, owner VARCHAR, format VARCHAR, name VARCHAR, table_reference VARCHAR, relation_id VARCHAR,
    dataset_id VARCHAR, status VARCHAR, error_message VARCHAR, percent_completed INTEGER, created_at BIGINT
  )`,
  "CREATE TABLE IF NOT EXISTS registry.export_parts (export_id VARCHAR, part INTEGER, size BIGINT, hash VARCHAR)",
  `CREATE TABLE IF NOT EXISTS registry.queries (
    id VARCHAR, owner VARCHAR, sql VARCHAR, default_dataset VARCHAR, default_workflow VARCHAR, status VARCHAR,
    error_message VARCHAR, relation_id VARCHAR, created_at BIGINT, finished_at BIGINT, is_ordered BOOLEAN DEFAULT false
  )`,
  `CREATE TABLE IF NOT EXISTS registry.streams (
    id VARCHAR, session_id VARCHAR, creator VARCHAR, allow_anonymous BOOLEAN, format VARCHAR, relation_id VARCHAR,
    dataset_id VARCHAR, variables VARCHAR, first_row BIGINT, num_rows BIGINT, created_at BIGINT, expires_at BIGINT,
    as_stored BOOLEAN
  )`,
  // A stream's content grows, of which older relations show the first rows only.
  "CREATE TABLE IF NOT EXISTS registry.contents (id VARCHAR, dataset_id VARCHAR, num_rows BIGINT, num_bytes BIGINT)",
  // Whether a query has read it; data that was kept before this was told has none.
  "ALTER TABLE registry.contents ADD COLUMN IF NOT EXISTS is_active BOOLEAN DEFAULT false",
  // is_exact: false for integers that a float cannot hold. is_vacant: no value, and a type that nobody declared.
  `CREATE TABLE IF NOT EXISTS registry.content_columns (
    content_id VARCHAR, position INTEGER, name VARCHAR, type VARCHAR, is_exact BOOLEAN, is_vacant BOOLEAN
  )`,
  // Of a relation, which never changes.
  `CREATE TABLE IF NOT EXISTS registry.statistics (
    relation_id VARCHAR, variable_key VARCHAR, status VARCHAR, content VARCHAR
  )`,
  // Those that were kept when what does not apply was null are counted again.
  "DELETE FROM registry.statistics WHERE contains(content, 'null')",
  `CREATE TABLE IF NOT EXISTS registry.content_sums (
    content_id VARCHAR, signature VARCHAR, num_rows BIGINT, total VARCHAR, mixed VARCHAR
  )`,
  `CREATE TABLE IF NOT EXISTS registry.relations (
    id VARCHAR, num_rows BIGINT, num_bytes BIGINT, hash VARCHAR, variable_count BIGINT, sample_of VARCHAR,
    sample_rule VARCHAR
  )`,
  `CREATE TABLE IF NOT EXISTS registry.relation_columns (
    relation_id VARCHAR, position INTEGER, name VARCHAR, type VARCHAR
  )`,
  `CREATE TABLE IF NOT EXISTS registry.relation_segments (
    relation_id VARCHAR, position INTEGER, content_id VARCHAR, num_rows BIGINT
  )`,
  // What a folder lacks that an earlier version made.
  "ALTER TABLE registry.uploads ADD COLUMN IF NOT EXISTS attempts INTEGER DEFAULT 0",
  "ALTER TABLE registry.queries ADD COLUMN IF NOT EXISTS is_ordered BOOLEAN DEFAULT false",
  "ALTER TABLE registry.content_columns ADD COLUMN IF NOT EXISTS is_vacant BOOLEAN"
]

const defaultOf = (text: string | undefined): Column["byDefault"] =>
  text === undefined ? null : text.startsWith("nextval") ? "position" : text === "false" ? false : Number(text)

/** As `name TYPE DEFAULT value`. */
const columnOf = (definition: string): Column => {
  const [name, type, , byDefault] = definition.trim().split(" ")
  return { name: name!, type: type as ColumnType, byDefault: defaultOf(byDefault) } // one of the statements above
}

const makes = ["CREATE TABLE IF NOT EXISTS registry.", "ALTER TABLE registry."]

/** The columns of each table, as the statements above make them. */
export const columns = (): Columns => {
  const found: Record<string, ReadonlyArray<Column>> = {}
  for (const statement of statements) {
    const begin = makes.find((begin) => statement.startsWith(begin))
    if (begin === undefined) continue
    const table = statement.slice(begin.length).split(" ", 1)[0]!
    const definitions = statement.includes("ADD COLUMN")
      ? statement.slice(statement.indexOf("EXISTS ") + "EXISTS ".length)
      : statement.slice(statement.indexOf("(") + 1, statement.lastIndexOf(")"))
    const known = found[table] ?? []
    const added = definitions.split(",").map(columnOf)
    found[table] = [...known, ...added.filter(({ name }) => !known.some((column) => column.name === name))]
  }
  return found
}

/** Makes what a folder has not yet, and reads what it has. */
export const create = (database: Database): Effect.Effect<void> =>
  database.isKept
    ? Effect.andThen(database.write(database.run(statements.join(";\n"))), database.recall)
    : Effect.void
