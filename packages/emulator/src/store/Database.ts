/**
 * DuckDB as Effects: a pool of connections, transactions of which one writes at
 * a time, and results read chunk by chunk; beside it the catalogue, which is read
 * and written in memory, and of which DuckDB keeps what a folder is to hold.
 *
 * Two instances keep apart what must not meet. The database holds the catalogue
 * and the rows, and runs translated SQL of users: it is opened without access
 * to files, extensions or settings, and locked so. The reader holds nothing and
 * may read files: only the store's own import statements run there, and its
 * chunks are handed over in memory.
 *
 * @since 0.1.0
 */
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  type DuckDBValue
} from "@duckdb/node-api"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Catalogue from "./catalogue/Catalogue.ts"
import type { Columns } from "./catalogue/compile.ts"
import { memoryOf } from "./imports/limits.ts"

/** What DuckDB said, where a caller wants to know; elsewhere it is a defect. */
export class DuckFault extends Schema.TaggedError<DuckFault>("@effect-redivis/emulator/DuckFault")("DuckFault", {
  message: Schema.String
}) {}

export type Parameter = string | number | bigint | boolean | null

export type Row = Readonly<Record<string, unknown>>

interface Transaction {
  /** Begun with the first statement for DuckDB: most that a transaction does is of the catalogue alone. */
  readonly connection: Effect.Effect<DuckDBConnection>
  /** One statement at a time, also where fibers of one transaction run beside each other. */
  readonly turn: Semaphore.Semaphore
  readonly catalogue: Catalogue.View
  /** What it writes; none where it only reads. */
  readonly draft: Catalogue.Draft | undefined
  isOpen: boolean
}

/** The transaction that statements of this fiber belong to. */
const CurrentTransaction = Context.Reference<Transaction | undefined>(
  "@effect-redivis/emulator/Database/CurrentTransaction",
  { defaultValue: () => undefined }
)

/** What is thrown as a message, which tells nothing of the machine: how much memory it has is its own business. */
const messageOf = (cause: unknown): string => {
  const message = typeof cause === "object" && cause !== null && "message" in cause
    ? String(cause.message)
    : String(cause)
  return /^(Out of Memory Error|INTERNAL Error: .*allocate)|std::bad_alloc/.test(message)
    ? "Out of Memory Error: it needs more memory than the emulator gives to one statement. Take it in parts."
    : message
}

/**
 * What runs on a connection at the moment: closing it meanwhile would take the
 * process down, and so would running anything on it afterwards.
 */
const busy = new WeakMap<DuckDBConnection, Set<Promise<void>>>()

const closed = new WeakSet<DuckDBConnection>()

/**
 * Stops what runs on a connection, and waits until it has stopped. DuckDB forgets
 * an interruption that comes before a statement begins to run, as while it is
 * still prepared on another thread: it is told again until the statement has ended.
 */
const stop = async (connection: DuckDBConnection, running: Promise<unknown>): Promise<void> => {
  connection.interrupt()
  const again = setInterval(() => connection.interrupt(), 10)
  await running.finally(() => clearInterval(again))
}

/** Stops what runs on a connection, and closes it. */
const close = async (connection: DuckDBConnection): Promise<void> => {
  closed.add(connection)
  const running = busy.get(connection)
  while (running !== undefined && running.size > 0) {
    await stop(connection, Promise.all(running))
  }
  for (const statement of statements.get(connection)?.values() ?? []) statement.destroySync()
  connection.closeSync()
}

/** Runs on a connection. Interrupting it stops the statement, and waits until it has stopped. */
const attempt = <A>(connection: DuckDBConnection, run: () => Promise<A>): Effect.Effect<A, DuckFault> =>
  Effect.callback((resume) => {
    if (closed.has(connection)) return resume(Effect.fail(new DuckFault({ message: "the database is closed" })))
    const all = busy.get(connection) ?? new Set()
    busy.set(connection, all)
    const running: Promise<void> = run().then(
      (value) => resume(Effect.succeed(value)),
      (cause: unknown) => resume(Effect.fail(new DuckFault({ message: messageOf(cause) })))
    ).then(() => {
      all.delete(running)
    })
    all.add(running)
    return Effect.promise(() => stop(connection, running))
  })

const valueOf = (value: unknown): unknown =>
  typeof value === "bigint" && value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value

const toRows = (result: DuckDBMaterializedResult): ReadonlyArray<Row> => {
  const names = result.columnNames()
  const rows: Array<Row> = []
  for (let index = 0; index < result.chunkCount; index++) {
    for (const values of result.getChunk(index).getRows()) {
      rows.push(Object.fromEntries(names.map((name, column) => [name, valueOf(values[column])])))
    }
  }
  return rows
}

/** Each way to another thread costs more than a small query: a statement with parameters is prepared once. */
const statements = new WeakMap<DuckDBConnection, Map<string, DuckDBPreparedStatement>>()

const largestStatements = 200

const prepare = async (connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> => {
  const known = statements.get(connection) ?? new Map<string, DuckDBPreparedStatement>()
  statements.set(connection, known)
  const existing = known.get(sql)
  if (existing !== undefined) return existing
  if (known.size >= largestStatements) {
    for (const statement of known.values()) statement.destroySync()
    known.clear()
  }
  const statement = await connection.prepare(sql)
  known.set(sql, statement)
  return statement
}

const execute = (
  connection: DuckDBConnection,
  sql: string,
  parameters: ReadonlyArray<Parameter> = []
): Effect.Effect<ReadonlyArray<Row>, DuckFault> =>
  attempt(connection, async () => {
    if (parameters.length === 0) return toRows(await connection.run(sql))
    const statement = await prepare(connection, sql)
    statement.bind(parameters as Array<DuckDBValue>)
    return toRows(await statement.run())
  })

/** A result that is read as it is made. Reading it ends before the connection runs anything else. */
export interface Chunks {
  readonly columnNames: ReadonlyArray<string>
  /** `undefined` after the last. */
  readonly next: Effect.Effect<DuckDBDataChunk | undefined, DuckFault>
}

/** A connection in a transaction, which sees one state of the database as long as the scope is open. */
export interface Session {
  readonly connection: DuckDBConnection
  readonly rows: (sql: string, parameters?: ReadonlyArray<Parameter>) => Effect.Effect<ReadonlyArray<Row>, DuckFault>
  readonly chunks: (sql: string) => Effect.Effect<Chunks, DuckFault>
}

const sessionOf = (connection: DuckDBConnection): Session => ({
  connection,
  rows: (sql, parameters) => execute(connection, sql, parameters),
  chunks: (sql) =>
    Effect.map(attempt(connection, () => connection.stream(sql)), (result) => ({
      columnNames: result.columnNames(),
      next: Effect.map(
        attempt(connection, () => result.fetchChunk()),
        (chunk) => chunk === null || chunk.rowCount === 0 ? undefined : chunk
      )
    }))
})

interface Pool {
  readonly use: <A, E, R>(f: (connection: DuckDBConnection) => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly scoped: Effect.Effect<DuckDBConnection, never, Scope.Scope>
  /** Outside of any transaction, and closed afterwards with all that it made for itself. */
  readonly single: Effect.Effect<DuckDBConnection, never, Scope.Scope>
  /** Commits when the effect succeeds, else rolls back. */
  readonly transaction: <A, E, R>(f: (connection: DuckDBConnection) => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly begin: Effect.Effect<Begun>
}

/** A transaction that is open. */
interface Begun {
  readonly connection: DuckDBConnection
  /** Commits after a success, else rolls back. */
  readonly end: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
}

/**
 * A transaction that is begun when its connection is first asked for; `commits`
 * runs before it commits.
 */
const lateTransaction = <A, E, R>(
  begin: Effect.Effect<Begun>,
  f: (connection: Effect.Effect<DuckDBConnection>) => Effect.Effect<A, E, R>,
  commits: (connection: Effect.Effect<DuckDBConnection>) => Effect.Effect<void>
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let begun: Begun | undefined
    const turn = Semaphore.makeUnsafe(1)
    const connection = Effect.suspend(() =>
      begun !== undefined ?
        Effect.succeed(begun.connection) :
        turn.withPermit(Effect.uninterruptible(Effect.suspend(() =>
          begun !== undefined ? Effect.succeed(begun.connection) : Effect.map(begin, (made) => {
            begun = made
            return made.connection
          })
        )))
    )
    const end = (exit: Exit.Exit<unknown, unknown>) => Effect.suspend(() => begun?.end(exit) ?? Effect.void)
    return Effect.acquireUseRelease(
      Effect.void,
      () => f(connection),
      (_, exit) =>
        Exit.isSuccess(exit)
          ? Effect.andThen(Effect.onError(commits(connection), (cause) => end(Exit.failCause(cause))), end(exit))
          : end(exit)
    )
  })

const openPool = (
  path: string,
  settings: Record<string, string>,
  prepare: ReadonlyArray<string>
): Effect.Effect<Pool, never, Scope.Scope> =>
  Effect.gen(function*() {
    const open = new Set<DuckDBConnection>()
    const idle: Array<DuckDBConnection> = []
    const connecting = new Set<Promise<DuckDBConnection>>()
    let isClosed = false
    const instance = yield* Effect.acquireRelease(
      Effect.promise(() => DuckDBInstance.create(path, settings)),
      (instance) =>
        Effect.promise(async () => {
          isClosed = true
          await Promise.allSettled(connecting)
          for (const connection of open) await close(connection)
          instance.closeSync()
        })
    )
    /** The instance must not close while a connection is on its way, and gives none once it has. */
    const connect = Effect.promise(async () => {
      if (isClosed) throw new Error("the database is closed")
      const made = instance.connect()
      connecting.add(made)
      try {
        const connection = await made
        open.add(connection)
        return connection
      } finally {
        connecting.delete(made)
      }
    })
    const acquire = Effect.suspend(() => {
      if (isClosed) return connect
      const connection = idle.pop()
      return connection === undefined ? connect : Effect.succeed(connection)
    })
    const release = (connection: DuckDBConnection): Effect.Effect<void> => Effect.sync(() => idle.push(connection))
    const end = (connection: DuckDBConnection, exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> =>
      Effect.orDie(execute(connection, Exit.isSuccess(exit) ? "COMMIT" : "ROLLBACK")).pipe(
        Effect.onError(() => Effect.ignore(execute(connection, "ROLLBACK"))),
        Effect.asVoid
      )
    const use: Pool["use"] = (f) => Effect.acquireUseRelease(acquire, f, release)
    const begin = (connection: DuckDBConnection) => Effect.orDie(execute(connection, "BEGIN TRANSACTION"))
    yield* use((connection) =>
      Effect.forEach(prepare, (statement) => Effect.orDie(execute(connection, statement)), { discard: true })
    )
    return {
      use,
      single: Effect.acquireRelease(connect, (connection) =>
        Effect.promise(async () => {
          // the pool may have closed it before
          if (open.delete(connection)) await close(connection)
        })),
      scoped: Effect.acquireRelease(
        Effect.tap(acquire, begin),
        (connection) => Effect.ensuring(Effect.ignore(execute(connection, "ROLLBACK")), release(connection))
      ),
      transaction: (f) =>
        use((connection) =>
          Effect.acquireUseRelease(begin(connection), () => f(connection), (_, exit) => end(connection, exit))
        ),
      begin: Effect.suspend(() => {
        let given: DuckDBConnection | undefined
        return Effect.gen(function*() {
          const connection = given = yield* acquire
          yield* begin(connection)
          return {
            connection,
            end: (exit: Exit.Exit<unknown, unknown>) => Effect.ensuring(end(connection, exit), release(connection))
          }
        }).pipe(Effect.onError(() => given === undefined ? Effect.void : release(given)))
      })
    }
  })

/** A pool that is opened by who first asks it for something. */
const lazily = (pool: Effect.Effect<Pool>): Pool => ({
  use: (f) => Effect.flatMap(pool, ({ use }) => use(f)),
  scoped: Effect.flatMap(pool, ({ scoped }) => scoped),
  single: Effect.flatMap(pool, ({ single }) => single),
  transaction: (f) => Effect.flatMap(pool, ({ transaction }) => transaction(f)),
  begin: Effect.flatMap(pool, ({ begin }) => begin)
})

export interface Database {
  /** Whether DuckDB keeps the catalogue too, since a folder is to hold it. */
  readonly isKept: boolean
  /** Reads the catalogue that DuckDB keeps. */
  readonly recall: Effect.Effect<void>
  /** Rows of a statement of the store's own, in the transaction of the fiber if there is one; else it only reads. */
  readonly rows: (sql: string, parameters?: ReadonlyArray<Parameter>) => Effect.Effect<ReadonlyArray<Row>>
  readonly run: (sql: string, parameters?: ReadonlyArray<Parameter>) => Effect.Effect<void>
  /** Adds rows to a table of the catalogue, any number. Only inside of a `write`. */
  readonly insert: (table: string, rows: ReadonlyArray<Readonly<Record<string, Parameter>>>) => Effect.Effect<void>
  /**
   * One transaction at a time: checks and writes inside see no other writer.
   * Inside another one it is part of that.
   */
  readonly write: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Reads of one moment, for an effect that only reads. Inside a transaction it is part of that. */
  readonly snapshot: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** A transaction of its own beside other writers, for tables of rows that nobody knows yet. */
  readonly build: <A, E, R>(f: (session: Session) => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** The same for what may run for ever: so many at once that threads are left for everything else. */
  readonly buildAtLength: Database["build"]
  /** For reading rows over a longer time. */
  readonly session: Effect.Effect<Session, never, Scope.Scope>
  /** A connection of its own to the instance that can read files. */
  readonly fileSession: Effect.Effect<Session, never, Scope.Scope>
}

/**
 * A statement holds one of the threads that Node has for such work in the whole
 * process until it has ended. Two are left for statements that end soon.
 */
const largestLengthy: Effect.Effect<number> = Config.Int("UV_THREADPOOL_SIZE").pipe(
  Effect.map((threads) => Math.max(threads - 2, 1)),
  Effect.orElseSucceed(() => 2)
)

let shared: Semaphore.Semaphore | undefined

/** Of all databases of the process together. */
const lengthyPlaces: Effect.Effect<Semaphore.Semaphore> = Effect.map(
  largestLengthy,
  (count) => shared ??= Semaphore.makeUnsafe(count)
)

/** Reads at once; more would only wait in DuckDB. */
const largestReaders = 8

/** Values that go into an insertion one by one: reading more of them as JSON costs less. */
const largestInsert = 24

/** What the database may never do, whoever asks. */
const lock = ["SET enable_external_access = false", "SET lock_configuration = true"]

/** What stands in quotes is a text or a name, which may say anything. */
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"/g

/** Whether a statement is for the catalogue: none asks for its tables and for rows of data at once. */
const isOfCatalogue = (sql: string): boolean =>
  sql.includes("registry.") && /\bregistry\.\w/.test(sql.replaceAll(quoted, "''")) && !/^\s*CREATE\b/.test(sql)

export const open = (options: {
  /** `:memory:` or a file. */
  readonly path: string
  readonly threads: number
  /** What DuckDB runs at first. */
  readonly first: ReadonlyArray<string>
  /** The tables of the catalogue. */
  readonly columns: Columns
  /** Where DuckDB puts what its memory has no room for. */
  readonly spillDirectory: string
}): Effect.Effect<Database, never, Scope.Scope> =>
  Effect.gen(function*() {
    const settings = (use: "database" | "reader") => ({
      memory_limit: `${memoryOf(use)}B`,
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      temp_directory: options.spillDirectory,
      preserve_insertion_order: "true"
    })
    // Closed after all that comes to use them, though they are opened when they are first used.
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope, exit) => Scope.close(scope, exit))
    const opening = (pool: Effect.Effect<Pool, never, Scope.Scope>): Effect.Effect<Effect.Effect<Pool>> =>
      Effect.cached(Effect.uninterruptible(Scope.provide(pool, scope)))
    const isKept = options.path !== ":memory:"
    // What a folder holds is read at the start; in memory many stores never have a row.
    const opened = yield* opening(openPool(
      options.path,
      { ...settings("database"), threads: String(options.threads) },
      [...lock, ...options.first]
    ))
    const database = isKept ? yield* opened : lazily(opened)
    const files = yield* opening(openPool(":memory:", settings("reader"), []))
    const mutex = yield* Semaphore.make(1)

    const catalogue = Catalogue.make(options.columns)
    const readers = yield* Semaphore.make(largestReaders)

    /** Statements for DuckDB. */
    const rowsOfDuckDB = (
      transaction: Transaction | undefined,
      sql: string,
      parameters: ReadonlyArray<Parameter> | undefined
    ): Effect.Effect<ReadonlyArray<Row>, DuckFault> =>
      transaction === undefined
        ? readers.withPermit(database.use((connection) => execute(connection, sql, parameters)))
        : transaction.turn.withPermit(
          Effect.flatMap(transaction.connection, (connection) => execute(connection, sql, parameters))
        )

    const rows: Database["rows"] = (sql, parameters) =>
      Effect.flatMap(CurrentTransaction, (current) => {
        const transaction = current?.isOpen === true ? current : undefined
        return isOfCatalogue(sql)
          ? Effect.sync(() => (transaction?.catalogue ?? catalogue.current).execute(sql, parameters))
          : Effect.orDie(rowsOfDuckDB(transaction, sql, parameters))
      })

    const insertInto = (
      run: (sql: string, parameters: ReadonlyArray<Parameter>) => Effect.Effect<unknown, DuckFault>,
      table: string,
      values: ReadonlyArray<Row>
    ): Effect.Effect<unknown, DuckFault> => {
      const columns = options.columns[table]!
      const names = columns.map(({ name }) => name).join(", ")
      if (values.length * columns.length <= largestInsert) {
        const places = values.map((_, row) =>
          `(${columns.map(({ type }, column) => `CAST($${row * columns.length + column + 1} AS ${type})`).join(", ")})`
        )
        return run(
          `INSERT INTO registry.${table} (${names}) VALUES ${places.join(", ")}`,
          values.flatMap((row) => columns.map(({ name }) => row[name] as Parameter)) // the catalogue's own values
        )
      }
      const types = JSON.stringify([Object.fromEntries(columns.map(({ name, type }) => [name, type]))])
      return run(
        `INSERT INTO registry.${table} (${names})
         SELECT ${names} FROM (SELECT unnest(from_json($1, '${types}'), recursive := true))`,
        [JSON.stringify(values)]
      )
    }

    /** What a transaction did to the catalogue, done to what DuckDB keeps of it. */
    const keep = (draft: Catalogue.Draft, connection: Effect.Effect<DuckDBConnection>): Effect.Effect<void> =>
      draft.changes.length === 0 ?
        Effect.void :
        Effect.orDie(Effect.flatMap(connection, (connection) =>
          Effect.forEach(draft.changes, (change) => {
            const run = (sql: string, parameters: ReadonlyArray<Parameter>) => execute(connection, sql, parameters)
            return change.kind === "rows"
              ? insertInto(run, change.table, change.rows)
              : run(change.sql, change.parameters as ReadonlyArray<Parameter>) // as they were given
          }, { discard: true })))

    const build: Database["build"] = (f) =>
      Effect.flatMap(CurrentTransaction, (current) =>
        current?.isOpen === true
          ? current.turn.withPermit(Effect.flatMap(current.connection, (connection) => f(sessionOf(connection))))
          : database.transaction((connection) => f(sessionOf(connection))))

    const inTransaction = <A, E, R>(
      view: { readonly catalogue: Catalogue.View; readonly draft: Catalogue.Draft | undefined },
      effect: Effect.Effect<A, E, R>
    ): Effect.Effect<A, E, R> =>
      lateTransaction(
        database.begin,
        (connection) => {
          const transaction: Transaction = { connection, turn: Semaphore.makeUnsafe(1), ...view, isOpen: true }
          return Effect.provideService(effect, CurrentTransaction, transaction).pipe(
            Effect.ensuring(Effect.sync(() => {
              transaction.isOpen = false
            }))
          )
        },
        (connection) => isKept && view.draft !== undefined ? keep(view.draft, connection) : Effect.void
      )

    return {
      rows,
      run: (sql, parameters) => Effect.asVoid(rows(sql, parameters)),
      isKept,
      recall: Effect.gen(function*() {
        const found = new Map<string, ReadonlyArray<Row>>()
        for (const table of Object.keys(options.columns)) {
          found.set(table, yield* Effect.orDie(rowsOfDuckDB(undefined, `SELECT * FROM registry.${table}`, undefined)))
        }
        catalogue.load(found)
      }),
      insert: (table, values) =>
        Effect.map(CurrentTransaction, (current) => {
          if (current?.isOpen !== true || current.draft === undefined) {
            throw new Error(`Only a transaction writes: ${table}`)
          }
          current.draft.insert(table, values)
        }),
      write: (effect) =>
        Effect.flatMap(CurrentTransaction, (current) => {
          if (current?.isOpen === true) return effect
          return mutex.withPermit(Effect.suspend(() => {
            const draft = catalogue.draft()
            // Uninterruptible: what DuckDB has committed is shown.
            return Effect.uninterruptibleMask((restore) =>
              Effect.tap(
                inTransaction({ catalogue: draft, draft }, restore(effect)),
                () => Effect.sync(draft.publish)
              )
            )
          }))
        }),
      snapshot: (effect) =>
        Effect.flatMap(CurrentTransaction, (current) =>
          current?.isOpen === true
            ? effect
            : Effect.suspend(() => inTransaction({ catalogue: catalogue.snapshot(), draft: undefined }, effect))),
      build,
      buildAtLength: (f) => Effect.flatMap(lengthyPlaces, (places) => places.withPermit(build(f))),
      session: Effect.map(database.scoped, sessionOf),
      fileSession: Effect.map(Effect.flatMap(files, ({ single }) => single), sessionOf)
    }
  })
