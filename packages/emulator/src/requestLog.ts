/** What went over the wire, for tests to look at. */

/**
 * One request that reached the emulator.
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestRecord {
  /** Counts from 1. */
  readonly index: number
  /** Which of the two servers it came to. */
  readonly origin: "api" | "storage"
  readonly method: string
  /** Below the base URL, as it came, without the query. */
  readonly path: string
  /** The operation's name, as `datasets.get`; `undefined` where no operation has this path. */
  readonly operation: string | undefined
  /** Each key with all its values. */
  readonly query: Readonly<Record<string, ReadonlyArray<string>>>
  /** Names in lower case. `authorization` tells whose token it was, never the token. */
  readonly headers: Readonly<Record<string, string>>
  /** The user whose token it was; `null` without one, or where it is not valid. */
  readonly user: string | null
  readonly body: BodySummary
  /** `null` until it is answered, and where the connection was closed instead. */
  readonly status: number | null
  /** By the emulator's clock. */
  readonly startedAt: number
  readonly outcome: "open" | "finished" | "aborted"
}

/**
 * What is kept of a request's body.
 *
 * @category models
 * @since 0.1.0
 */
export interface BodySummary {
  /** As far as it was read. */
  readonly bytes: number
  /** The value of a JSON body, and the metadata of a multipart one. */
  readonly json?: unknown
}

/** A record while the request is under way. */
export interface OpenRecord {
  readonly record: RequestRecord
  readonly described: (operation: string | undefined) => void
  readonly authenticated: (user: string | null, authorization: string | undefined) => void
  readonly received: (bytes: number) => void
  readonly parsed: (json: unknown) => void
  readonly answered: (status: number, isStream: boolean) => void
  readonly ended: (outcome: "finished" | "aborted") => void
}

export interface RequestLog {
  readonly open: (
    request: Pick<RequestRecord, "origin" | "method" | "path" | "query" | "headers" | "startedAt">
  ) => OpenRecord
  readonly list: () => ReadonlyArray<RequestRecord>
  /** Requests whose answer is not out. */
  readonly unfinished: () => number
  /** Answers of rows or bytes that are under way. */
  readonly streaming: () => number
  readonly clear: () => void
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

/** Older ones are forgotten. */
const mostRecords = 100_000

export const make = (): RequestLog => {
  let records: Array<Mutable<RequestRecord>> = []
  let count = 0
  let unfinished = 0
  let streaming = 0
  return {
    open: (request) => {
      const record: Mutable<RequestRecord> = {
        ...request,
        index: ++count,
        operation: undefined,
        user: null,
        body: { bytes: 0 },
        status: null,
        outcome: "open"
      }
      let streams = 0
      unfinished += 1
      records.push(record)
      if (records.length > mostRecords) records = records.slice(mostRecords / 10)
      return {
        record,
        described: (operation) => {
          record.operation = operation
        },
        authenticated: (user, authorization) => {
          record.user = user
          if (authorization !== undefined) record.headers = { ...record.headers, authorization }
        },
        received: (bytes) => {
          record.body = { ...record.body, bytes: record.body.bytes + bytes }
        },
        parsed: (json) => {
          record.body = { ...record.body, json }
        },
        answered: (status, isStream) => {
          record.status = status
          streams = isStream ? 1 : 0
          streaming += streams
        },
        ended: (outcome) => {
          if (record.outcome !== "open") return
          record.outcome = outcome
          unfinished -= 1
          streaming -= streams
        }
      }
    },
    list: () => records.map((record) => ({ ...record })),
    unfinished: () => unfinished,
    streaming: () => streaming,
    clear: () => {
      records = []
      count = 0
    }
  }
}
