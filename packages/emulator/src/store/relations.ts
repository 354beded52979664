/**
 * What a table shows at one moment: the first rows of some contents, one after
 * another, their columns stacked by name. A relation never changes.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Contents from "./contents.ts"
import type { Database } from "./Database.ts"
import * as Decode from "./decode.ts"
import { makeId, md5, quoteName, quoteText, unusedName } from "./identifiers.ts"
import type { SchemaField, VariableType } from "./model.ts"
import { castTo, type ContentColumn, duckTypeOf, stack } from "./types.ts"

export interface Segment {
  readonly contentId: string
  readonly numRows: number
}

export interface Relation {
  readonly id: string
  readonly numRows: number
  readonly numBytes: number
  readonly hash: string
  readonly variableCount: number
}

/** What a table shows that has no upload yet. */
export const emptyId = "0".repeat(24)

/** Quoted name of the view by which SQL reads the relation. */
export const viewOf = (relationId: string): string => `content.${quoteName(`r_${relationId}`)}`

const listOf = (ids: ReadonlyArray<string>): string => ids.map(quoteText).join(", ") || "''"

/** Where there is no column the view has one all the same: it must exist for `count(*)` to be 0. */
const noRows = "SELECT CAST(NULL AS VARCHAR) AS \"_\" WHERE false"

/** What DuckDB in memory has for a catalogue that it does not keep: a place for rows, and the relation of none. */
export const first = (): ReadonlyArray<string> => [
  "CREATE SCHEMA content",
  `CREATE VIEW ${viewOf(emptyId)} AS ${noRows}`
]

/** The relation that such a name is of. */
const relationOf = (view: string): string => view.slice(view.indexOf("r_") + 2, -1)

/** Notes that a query has read these relations, by their names in SQL. Only inside of a `write`. */
export const activate = (database: Database, views: ReadonlyArray<string>): Effect.Effect<void> =>
  database.run(
    `UPDATE registry.contents SET is_active = true WHERE NOT is_active AND id IN (
       SELECT content_id FROM registry.relation_segments WHERE relation_id IN (${listOf(views.map(relationOf))})
     )`
  )

/** SQL for a column of the relation from a content that may have it, in another type. */
const selectColumn = (column: SchemaField, own: ReadonlyArray<SchemaField & Partial<ContentColumn>>): string => {
  const key = column.name.toLowerCase()
  const source = own.find(({ name }) => name.toLowerCase() === key)
  return source === undefined || (source.isVacant === true && source.type !== column.type)
    ? `CAST(NULL AS ${duckTypeOf(column.type)})`
    : castTo(source.type, column.type, quoteName(source.name))
}

/** SQL for rows of one segment with the columns that are wanted, in their order. */
export const selectSegment = (
  segment: Segment,
  own: ReadonlyArray<SchemaField & Partial<ContentColumn>>,
  columns: ReadonlyArray<SchemaField>,
  range: { readonly from: number; readonly to: number },
  /** What to make of the columns; the columns themselves if absent. */
  project?: (columns: ReadonlyArray<string>) => string
): string => {
  const values = columns.map((column) => selectColumn(column, own))
  const list = project === undefined
    ? values.map((value, index) => `${value} AS ${quoteName(columns[index]!.name)}`).join(", ")
    : project(values)
  const { from, position } = Contents.positioned(segment.contentId, own)
  return `SELECT ${list} FROM ${from} WHERE ${position} >= ${range.from} AND ${position} < ${range.to}`
}

const day = 24 * 60 * 60 * 1000

const mask = (1n << 64n) - 1n

/**
 * A sum over all rows of a content, the same in any order of rows and columns:
 * sums of the parts of a table add up to the sum of the table.
 */
const sumOf = (
  database: Database,
  segment: Segment,
  own: ReadonlyArray<SchemaField>,
  columns: ReadonlyArray<SchemaField>
): Effect.Effect<{ readonly total: bigint; readonly mixed: bigint }> =>
  Effect.gen(function*() {
    const sorted = columns.toSorted((left, right) => left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1)
    const signature = md5(JSON.stringify(sorted.map(({ name, type }) => [name.toLowerCase(), type])))
    const [known] = yield* database.rows(
      "SELECT total, mixed FROM registry.content_sums WHERE content_id = $1 AND signature = $2 AND num_rows = $3",
      [segment.contentId, signature, segment.numRows]
    )
    const [row] = known !== undefined ? [known] : yield* database.rows(
      `SELECT CAST(coalesce(sum(CAST(h AS HUGEINT)), 0) AS VARCHAR) AS total,
        CAST(coalesce(bit_xor(hash(h)), 0) AS VARCHAR) AS mixed
       FROM (${
        selectSegment(segment, own, sorted, { from: 0, to: segment.numRows }, (values) =>
          `hash(${values.join(", ")}) AS h`)
      })`
    )
    if (known === undefined) {
      yield* database.run(
        `INSERT INTO registry.content_sums (content_id, signature, num_rows, total, mixed)
         VALUES ($1, $2, $3, $4, $5)`,
        [segment.contentId, signature, segment.numRows, Decode.text(row!, "total"), Decode.text(row!, "mixed")]
      )
    }
    return { total: BigInt(Decode.text(row!, "total")), mixed: BigInt(Decode.text(row!, "mixed")) }
  })

export interface MakeOptions {
  readonly isTable?: boolean | undefined
  /** The one content that the segments show, where the caller has it at hand. */
  readonly content?: Contents.Content | undefined
}

export interface Relations {
  /** Makes a relation; with `isTable` one that SQL can read. Of no segments it is always the same. Only inside of a `write`. */
  readonly make: (
    segments: ReadonlyArray<Segment>,
    options?: MakeOptions
  ) => Effect.Effect<Relation>
  /** Makes what every store has. */
  readonly prepare: Effect.Effect<void>
  readonly get: (id: string) => Effect.Effect<Relation | undefined>
  readonly columns: (id: string) => Effect.Effect<ReadonlyArray<SchemaField>>
  readonly segments: (id: string) => Effect.Effect<ReadonlyArray<Segment>>
  /** A part of the rows, made when it is first asked for. */
  readonly sample: (
    id: string,
    datasetId: string,
    rule: { readonly variableName: string | null; readonly targetRatio: number }
  ) => Effect.Effect<Relation>
  /** Drops those of the relations that nothing shows any more, with their contents. Only inside of a `write`. */
  readonly collect: (candidates: ReadonlyArray<string>) => Effect.Effect<void>
  /** The same for all. */
  readonly collectAll: Effect.Effect<void>
}

export const make = (database: Database): Relations => {
  const contentColumns = (contentId: string): Effect.Effect<ReadonlyArray<ContentColumn>> =>
    Contents.columnsOf(database, contentId)

  const get: Relations["get"] = (id) =>
    Effect.map(
      database.rows("SELECT * FROM registry.relations WHERE id = $1", [id]),
      ([row]) =>
        row === undefined ? undefined : {
          id,
          numRows: Decode.number(row, "num_rows"),
          numBytes: Decode.number(row, "num_bytes"),
          hash: Decode.text(row, "hash"),
          variableCount: Decode.number(row, "variable_count")
        }
    )

  const columns: Relations["columns"] = (id) =>
    Effect.map(
      database.rows("SELECT position, name, type FROM registry.relation_columns WHERE relation_id = $1", [id]),
      (rows) =>
        Decode.inOrder(rows, "position").map((row) => ({
          name: Decode.text(row, "name"),
          type: Decode.word<VariableType>(row, "type")
        }))
    )

  const segments: Relations["segments"] = (id) =>
    Effect.map(
      database.rows(
        "SELECT position, content_id, num_rows FROM registry.relation_segments WHERE relation_id = $1",
        [id]
      ),
      (rows) =>
        Decode.inOrder(rows, "position").map((row) => ({
          contentId: Decode.text(row, "content_id"),
          numRows: Decode.number(row, "num_rows")
        }))
    )

  const build = (
    id: string,
    segments: ReadonlyArray<Segment>,
    options: MakeOptions | undefined
  ): Effect.Effect<Relation> =>
    Effect.gen(function*() {
      const content = options?.content
      const own = yield* Effect.forEach(segments, ({ contentId }) =>
        content === undefined ? contentColumns(contentId) : Effect.succeed(content.columns))
      const stacked = stack(own)
      const numRows = segments.reduce((sum, segment) =>
        sum + segment.numRows, 0)
      const numBytes = content === undefined
        ? (yield* database.rows(
          `SELECT num_bytes FROM registry.contents WHERE id IN (${listOf(segments.map(({ contentId }) => contentId))})`
        )).reduce((sum, row) => sum + Decode.number(row, "num_bytes"), 0)
        : content.numBytes
      let total = 0n
      let mixed = 0n
      for (const [index, segment] of segments.entries()) {
        if (segment.numRows === 0 || stacked.length === 0) continue
        const sum = yield* sumOf(database, segment, own[index]!, stacked)
        total += sum.total
        mixed ^= sum.mixed
      }
      const relation: Relation = {
        id,
        numRows,
        numBytes,
        variableCount: stacked.length,
        hash: md5(JSON.stringify([
          stacked.map(({ name, type }) => [name, type]),
          numRows,
          (total & mask).toString(),
          mixed.toString()
        ]))
      }
      yield* database.run(
        `INSERT INTO registry.relations (id, num_rows, num_bytes, hash, variable_count) VALUES ($1, $2, $3, $4, $5)`,
        [id, numRows, relation.numBytes, relation.hash, stacked.length]
      )
      yield* database.insert(
        "relation_columns",
        stacked.map(({ name, type }, position) => ({ relation_id: id, position, name, type }))
      )
      yield* database.insert(
        "relation_segments",
        segments.map(({ contentId, numRows }, position) => ({
          relation_id: id,
          position,
          content_id: contentId,
          num_rows: numRows
        }))
      )
      if (options?.isTable === true) {
        const parts = stacked.length === 0
          ? [noRows]
          : segments.map((segment, index) =>
            selectSegment(segment, own[index]!, stacked, { from: 0, to: segment.numRows })
          )
        yield* database.run(`CREATE VIEW ${viewOf(id)} AS ${parts.join(" UNION ALL ")}`)
      }
      return relation
    })

  const makeRelation: Relations["make"] = (segments, options) =>
    segments.length === 0
      ? Effect.map(get(emptyId), (relation) => relation!)
      : Effect.suspend(() => build(makeId(), segments, options))

  const sample: Relations["sample"] = (id, datasetId, rule) =>
    database.write(Effect.gen(function*() {
      const key = JSON.stringify([rule.variableName?.toLowerCase() ?? null, rule.targetRatio])
      const [known] = yield* database.rows(
        "SELECT id FROM registry.relations WHERE sample_of = $1 AND sample_rule = $2",
        [id, key]
      )
      if (known !== undefined) return (yield* get(Decode.text(known, "id")))!
      const fields = yield* columns(id)
      const variable = fields.find(({ name }) => name.toLowerCase() === rule.variableName?.toLowerCase())
      const every = Math.max(1, Math.round(1 / rule.targetRatio))
      const position = unusedName(fields)
      const chosen = variable === undefined
        ? `${position} % ${every} = 0`
        : `hash(${quoteName(variable.name)}) % ${every} = 0`
      if (fields.length === 0) return (yield* get(id))!
      const content = yield* Effect.orDie(database.build((session) =>
        Contents.fromSelect(
          session,
          fields,
          `SELECT * EXCLUDE (${position}) FROM (SELECT *, row_number() OVER () - 1 AS ${position} FROM ${viewOf(id)})
           WHERE ${chosen} ORDER BY ${position}`
        )
      ))
      yield* Contents.register(database, content, datasetId)
      const relation = yield* makeRelation([{ contentId: content.id, numRows: content.numRows }], { isTable: true })
      yield* database.run("UPDATE registry.relations SET sample_of = $2, sample_rule = $3 WHERE id = $1", [
        relation.id,
        id,
        key
      ])
      return relation
    }))

  /** Of these relations, those that nothing shows. */
  const findDead = (candidates: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      let dead = candidates
      for (
        const [column, from] of [
          ["relation_id", "registry.tables WHERE"],
          ["inherited_id", "registry.tables WHERE"],
          ["relation_id", "registry.uploads WHERE"],
          ["relation_id", "registry.queries WHERE"],
          ["relation_id", "registry.exports WHERE status IN ('queued', 'running') AND"],
          ["relation_id", `registry.streams WHERE expires_at >= ${now} AND`]
        ] as const
      ) {
        if (dead.length === 0) break
        const shown = yield* database.rows(`SELECT ${column} AS id FROM ${from} ${column} IN (${listOf(dead)})`)
        const alive = new Set(shown.map((row) => Decode.text(row, "id")))
        dead = dead.filter((id) => !alive.has(id))
      }
      return dead
    })

  const collect: Relations["collect"] = (relations) =>
    Effect.gen(function*() {
      const candidates = relations.filter((id) => id !== emptyId)
      if (candidates.length === 0) return
      const bases = yield* findDead(candidates)
      if (bases.length === 0) return
      const samples = yield* database.rows(`SELECT id FROM registry.relations WHERE sample_of IN (${listOf(bases)})`)
      // A sample that a session still reads goes with the session.
      const dead = [...bases, ...(yield* findDead(samples.map((row) => Decode.text(row, "id"))))]
      const ids = listOf(dead)
      const segments = yield* database.rows(
        `DELETE FROM registry.relation_segments WHERE relation_id IN (${ids}) RETURNING content_id`
      )
      yield* database.run(`DELETE FROM registry.relation_columns WHERE relation_id IN (${ids})`)
      yield* database.run(`DELETE FROM registry.relations WHERE id IN (${ids})`)
      for (const id of dead) yield* database.run(`DROP VIEW IF EXISTS ${viewOf(id)}`)
      const contents = [...new Set(segments.map((row) => Decode.text(row, "content_id")))]
      if (contents.length === 0) return
      const used = yield* database.rows(
        `SELECT content_id FROM registry.relation_segments WHERE content_id IN (${listOf(contents)})`
      )
      const keep = new Set(used.map((row) => Decode.text(row, "content_id")))
      const unused = contents.filter((id) => !keep.has(id))
      if (unused.length === 0) return
      yield* database.run(`DELETE FROM registry.contents WHERE id IN (${listOf(unused)})`)
      for (const table of ["content_columns", "content_sums"]) {
        yield* database.run(`DELETE FROM registry.${table} WHERE content_id IN (${listOf(unused)})`)
      }
      for (const id of unused) yield* database.run(`DROP TABLE IF EXISTS ${Contents.tableOf(id)}`)
    })

  const collectAll = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    yield* database.run("DELETE FROM registry.streams WHERE expires_at < $1", [now - day])
    const all = yield* database.rows("SELECT id FROM registry.relations WHERE sample_of IS NULL")
    yield* collect(all.map((row) => Decode.text(row, "id")))
  })

  const prepare = database.write(Effect.flatMap(
    get(emptyId),
    (empty) => empty === undefined ? Effect.asVoid(build(emptyId, [], { isTable: database.isKept })) : Effect.void
  ))

  return { make: makeRelation, prepare, get, columns, segments, sample, collect, collectAll }
}
