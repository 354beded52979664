/**
 * Whether SQL reads what it may, and nothing else.
 *
 * The translation of a user's SQL lets through what it knows. This check does
 * not rely on that: it takes the tree that DuckDB itself parses from the text
 * that is about to run, and refuses all but one query over relations that are
 * listed. Beneath it the instance has no access to files, extensions or
 * settings.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { explain } from "../sql/runtimeErrors.ts"
import type { Database } from "./Database.ts"
import * as Decode from "./decode.ts"
import { QueryFailed } from "./StoreError.ts"

type Tree = null | string | number | boolean | ReadonlyArray<Tree> | { readonly [key: string]: Tree }
type Node = { readonly [key: string]: Tree }

const isNode = (tree: Tree | undefined): tree is Node =>
  typeof tree === "object" && tree !== null && !Array.isArray(tree)

/** A field that holds text in every tree; a node in its place would be no name of anything. */
const textOf = (tree: Tree | undefined): string => typeof tree === "string" ? tree : ""

/** Kinds of what stands behind FROM. */
const sources = new Set(["BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT"])
const otherSources = new Set(["SHOW_REF", "COLUMN_DATA", "DELIM_GET", "BOUND_TABLE_REF", "CTE", "INVALID"])

/** Functions that make rows of their arguments alone. */
const tableFunctions = new Set(["unnest", "generate_series", "range", "json_each", "repeat_row"])

/** Functions that tell of, or touch, more than their arguments. */
// oxlint-disable-next-line laws/linear-regular-expressions -- of constant parts; a test proves the whole
export const forbidden: RegExp = new RegExp(
  "^(" + [
    "current_(setting|schemas?|database|catalog|user|role|query|query_id|connection_id|transaction_id)",
    "(session_)?user",
    "getvariable",
    "getenv",
    "set_config",
    "(next|curr)val",
    "setseed",
    "txid_current",
    "version",
    "in_search_path",
    "query(_table)?",
    "json_(de)?serialize_(sql|plan)",
    "json_execute_serialized_sql",
    "(pg|duckdb|pragma|read|parquet|sniff|sql|has|col|obj|shobj|to_reg|write|test)_.*",
    "glob",
    "checkpoint",
    "force_checkpoint",
    "format_(pg_)?type",
    "get_block_size",
    "add_parquet_key",
    "which_secret",
    "parse_duckdb_log_message"
  ].join("|") + ")$"
)

const nameOf = (schema: string, table: string): string => JSON.stringify([schema.toLowerCase(), table.toLowerCase()])

/**
 * Levels of the tree, of which an operator takes two. The time that DuckDB
 * plans an expression for grows with the third power of its depth: 0.6 seconds
 * at 200 operators, 100 seconds at 900.
 */
const deepest = 500

const tooDeep = "nested too deeply"

const relationPattern = /^content\."(r_[0-9a-f]+)"$/

/** What a tree reads that it may not, in words, or nothing. */
const findFault = (
  tree: Tree,
  relations: ReadonlySet<string>,
  outer: ReadonlySet<string>,
  depth = 0
): string | undefined => {
  if (depth > deepest) return tooDeep
  if (Array.isArray(tree)) {
    for (const item of tree as ReadonlyArray<Tree>) {
      const fault = findFault(item, relations, outer, depth + 1)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  if (!isNode(tree)) return undefined
  let names = outer

  // Each name of a WITH is known from its own place on, and inside itself only if it is recursive.
  const withs = isNode(tree["cte_map"]) ? tree["cte_map"]["map"] : undefined
  for (const entry of Array.isArray(withs) ? withs as ReadonlyArray<Tree> : []) {
    if (!isNode(entry)) return "a WITH that cannot be read"
    const key = nameOf("", textOf(entry["key"]))
    const body = isNode(entry["value"]) && isNode(entry["value"]["query"]) ? entry["value"]["query"]["node"] : undefined
    const isRecursive = isNode(body) && body["type"] === "RECURSIVE_CTE_NODE"
    const fault = findFault(entry["value"]!, relations, isRecursive ? new Set([...names, key]) : names, depth + 1)
    if (fault !== undefined) return fault
    names = new Set([...names, key])
  }

  const from = tree["from_table"]
  if (isNode(from) && !sources.has(textOf(from["type"]))) return `a source of the kind ${textOf(from["type"])}`
  const type = tree["type"]
  if (typeof type === "string" && otherSources.has(type) && tree["class"] === undefined) {
    return `a source of the kind ${type}`
  }
  if (type === "BASE_TABLE") {
    const name = nameOf(textOf(tree["schema_name"]), textOf(tree["table_name"]))
    const isKnown = tree["catalog_name"] === "" && (relations.has(name) || names.has(name))
    if (!isKnown) return `the table ${textOf(tree["table_name"])}`
  }
  if (type === "TABLE_FUNCTION") {
    const name = isNode(tree["function"]) ? textOf(tree["function"]["function_name"]).toLowerCase() : ""
    if (!tableFunctions.has(name)) return `the table function ${name}`
  }
  if (type === "FUNCTION") {
    const name = textOf(tree["function_name"]).toLowerCase()
    if (forbidden.test(name)) return `the function ${name}`
  }
  for (const [key, value] of Object.entries(tree)) {
    if (key === "cte_map") continue
    const fault = findFault(value, relations, names, depth + 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

export const checkSql = (
  database: Database,
  translated: { readonly sql: string; readonly relations: ReadonlyArray<string> }
): Effect.Effect<void, QueryFailed> =>
  Effect.gen(function*() {
    const [row] = yield* database.rows("SELECT json_serialize_sql(CAST($1 AS VARCHAR)) AS tree", [translated.sql])
    // The text of the store's own statement: DuckDB writes JSON.
    const tree = Decode.json<Node>(row!, "tree")
    if (tree["error"] !== false) {
      return yield* new QueryFailed({
        message: tree["error_type"] === "not implemented"
          ? "Only queries are allowed"
          : explain(textOf(tree["error_message"]))
      })
    }
    const statements = tree["statements"]
    if (!Array.isArray(statements) || statements.length !== 1) {
      return yield* new QueryFailed({ message: "One query is allowed, and nothing else" })
    }
    const relations = new Set(translated.relations.flatMap((relation) => {
      const match = relationPattern.exec(relation)
      return match === null ? [] : [nameOf("content", match[1]!)]
    }))
    const fault = findFault(statements as ReadonlyArray<Tree>, relations, new Set())
    if (fault !== undefined) {
      return yield* new QueryFailed({
        message: fault === tooDeep ? `The query is ${tooDeep}` : `The query may not read ${fault}`
      })
    }
  })
