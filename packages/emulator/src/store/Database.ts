/**
 * DuckDB as Effects: a pool of connections, transactions of which one writes at
 * a time, and results read chunk by chunk.
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
import { memoryOf } from "./imports/limits.ts"
import * as ReadCache from "./ReadCache.ts"

/** What DuckDB said, where a caller wants to know; elsewhere it is a defect. */
export class DuckFault extends Schema.TaggedError<DuckFault>("@effect-redivis/emulator/DuckFault")("DuckFault", {
  message: Schema.String
}) {}

export type Parameter = string | number | bigint | boolean | null

export type Row = Readonly<Record<string, unknown>>

interface Transaction {
  readonly connection: DuckDBConnection
  /** One statement at a time, also where fibers of one transaction run beside each other. */
  readonly turn: Semaphore.Semaphore
  /** Tables of the catalogue that it has written. */
  readonly written: Set<string>
  /** What it alone sees: results that are of what it has written, or of the moment when it began. */
  readonly own: ReadCache.ReadCache
  /** Whether others may write meanwhile, so that what is known may be of another moment. */
  readonly isSnapshot: boolean
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

/** Stops what runs on a connection, waits until it has stopped, and closes it. */
const close = async (connection: DuckDBConnection): Promise<void> => {
  closed.add(connection)
  const running = busy.get(connection)
  while (running !== undefined && running.size > 0) {
    connection.interrupt()
    await Promise.all(running)
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
    return Effect.promise(() => {
      connection.interrupt()
      return running
    })
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
}

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
        )
    }
  })

export interface Database {
  /** Rows of a statement of the store's own, in the transaction of the fiber if there is one; else it only reads. */
  readonly rows: (sql: string, parameters?: ReadonlyArray<Parameter>) => Effect.Effect<ReadonlyArray<Row>>
  readonly run: (sql: string, parameters?: ReadonlyArray<Parameter>) => Effect.Effect<void>
  /** Adds rows, any number in one statement; `columns` gives their DuckDB types. */
  readonly insert: (
    table: string,
    columns: Readonly<Record<string, string>>,
    rows: ReadonlyArray<Readonly<Record<string, Parameter>>>
  ) => Effect.Effect<void>
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

export const open = (options: {
  /** `:memory:` or a file. */
  readonly path: string
  readonly threads: number
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
    const database = yield* openPool(
      options.path,
      { ...settings("database"), threads: String(options.threads) },
      lock
    )
    // Opened when the first file is read: many stores never read one.
    const scope = yield* Effect.scope
    const files = yield* Effect.cached(
      Effect.uninterruptible(Scope.provide(openPool(":memory:", settings("reader"), []), scope))
    )
    const mutex = yield* Semaphore.make(1)

    const cache = ReadCache.make()
    const readers = yield* Semaphore.make(largestReaders)

    /** A result that is known, or else is read and known from then on. */
    const remember = (
      cache: ReadCache.ReadCache,
      sql: string,
      parameters: ReadonlyArray<Parameter> | undefined,
      tables: ReadonlyArray<string>,
      read: Effect.Effect<ReadonlyArray<Row>, DuckFault>
    ): Effect.Effect<ReadonlyArray<Row>, DuckFault> =>
      Effect.suspend(() => {
        const key = JSON.stringify([sql, parameters])
        const known = cache.get(key)
        if (known !== undefined) return Effect.succeed(known)
        const before = cache.moment(tables)
        return Effect.map(read, (rows) => {
          cache.set(key, tables, before, rows)
          return rows
        })
      })

    const rowsInside = (
      transaction: Transaction,
      sql: string,
      parameters: ReadonlyArray<Parameter> | undefined
    ): Effect.Effect<ReadonlyArray<Row>, DuckFault> => {
      const { isWrite, isCatalogue, tables } = cache.footprint(sql)
      const { isSnapshot, own, written } = transaction
      const run = transaction.turn.withPermit(execute(transaction.connection, sql, parameters))
      if (isWrite) {
        for (const table of tables) written.add(table)
        own.hold(tables)
        return Effect.ensuring(run, Effect.sync(() => own.release(tables)))
      }
      if (!isCatalogue) return run
      // Of what this transaction has not written, it sees what everyone sees: nobody else writes meanwhile.
      const isOwn = isSnapshot || tables.some((table) => written.has(table))
      return remember(isOwn ? own : cache, sql, parameters, tables, run)
    }

    const rowsOutside = (
      sql: string,
      parameters: ReadonlyArray<Parameter> | undefined
    ): Effect.Effect<ReadonlyArray<Row>, DuckFault> => {
      const { isCatalogue, tables } = cache.footprint(sql)
      const run = database.use((connection) => execute(connection, sql, parameters))
      if (!isCatalogue) return readers.withPermit(run)
      // Looked up again once it is its turn: the same may have been read meanwhile.
      return remember(cache, sql, parameters, tables, readers.withPermit(remember(cache, sql, parameters, tables, run)))
    }

    const rows: Database["rows"] = (sql, parameters) =>
      Effect.orDie(Effect.flatMap(
        CurrentTransaction,
        (transaction) =>
          transaction?.isOpen === true ? rowsInside(transaction, sql, parameters) : rowsOutside(sql, parameters)
      ))

    const build: Database["build"] = (f) =>
      Effect.flatMap(CurrentTransaction, (current) =>
        current?.isOpen === true
          ? current.turn.withPermit(f(sessionOf(current.connection)))
          : database.transaction((connection) => f(sessionOf(connection))))

    return {
      rows,
      run: (sql, parameters) => Effect.asVoid(rows(sql, parameters)),
      insert: (table, columns, values) => {
        if (values.length === 0) return Effect.void
        const keys = Object.keys(columns)
        const names = keys.join(", ")
        if (values.length * keys.length <= largestInsert) {
          const places = values.map((_, row) =>
            `(${keys.map((key, column) => `CAST($${row * keys.length + column + 1} AS ${columns[key]})`).join(", ")})`
          )
          return Effect.asVoid(rows(
            `INSERT INTO ${table} (${names}) VALUES ${places.join(", ")}`,
            values.flatMap((row) => keys.map((key) => row[key] ?? null))
          ))
        }
        return Effect.asVoid(rows(
          `INSERT INTO ${table} (${names})
           SELECT ${names} FROM (SELECT unnest(from_json($1, '${JSON.stringify([columns])}'), recursive := true))`,
          [JSON.stringify(values)]
        ))
      },
      write: (effect) =>
        Effect.flatMap(CurrentTransaction, (current) => {
          if (current?.isOpen === true) return effect
          const written = new Set<string>()
          let held: ReadonlyArray<string> = []
          return mutex.withPermit(
            database.transaction((connection) => {
              const transaction: Transaction = {
                connection,
                turn: Semaphore.makeUnsafe(1),
                written,
                own: ReadCache.make(),
                isSnapshot: false,
                isOpen: true
              }
              return Effect.provideService(effect, CurrentTransaction, transaction).pipe(
                Effect.ensuring(Effect.sync(() => {
                  transaction.isOpen = false
                  held = [...written]
                  cache.hold(held)
                }))
              )
            }).pipe(Effect.ensuring(Effect.sync(() => cache.release(held))))
          )
        }),
      snapshot: (effect) =>
        Effect.flatMap(CurrentTransaction, (current) =>
          current?.isOpen === true ? effect : database.transaction((connection) => {
            const transaction: Transaction = {
              connection,
              turn: Semaphore.makeUnsafe(1),
              written: new Set(),
              own: ReadCache.make(),
              isSnapshot: true,
              isOpen: true
            }
            return Effect.provideService(effect, CurrentTransaction, transaction).pipe(
              Effect.ensuring(Effect.sync(() => {
                transaction.isOpen = false
              }))
            )
          })),
      build,
      buildAtLength: (f) =>
        Effect.flatMap(lengthyPlaces, (places) =>
          places.withPermit(build(f))),
      session: Effect.map(database.scoped, sessionOf),
      fileSession: Effect.map(Effect.flatMap(files, ({ single }) => single), sessionOf)
    }
  })
