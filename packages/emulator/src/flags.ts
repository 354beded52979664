/** The flags of the command: one for each option. */
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Options } from "./service.ts"

const given = <A>(flag: Flag.Flag<A>): Flag.Flag<A | undefined> =>
  Flag.map(Flag.optional(flag), (value) => Option.getOrUndefined(value))

const text = (name: string, description: string) => given(Flag.String(name).pipe(Flag.withDescription(description)))

const texts = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(`${description}; may be given several times`), Flag.atLeast(0))

const port = (name: string, description: string) =>
  Flag.Int(name).pipe(
    Flag.withDescription(`${description}; 0 is any free one`),
    Flag.filter((value) => value >= 0 && value <= 65_535, (value) => `${value} is no port: 0 to 65535`),
    Flag.withDefault(0)
  )

/** A number of at least 1; the option's own default without it. */
const limit = (name: string, description: string) =>
  given(
    Flag.Int(name).pipe(
      Flag.withDescription(description),
      Flag.filter((value) => value >= 1, (value) => `${value} is no limit: 1 or more`)
    )
  )

const seconds = (name: string, description: string) =>
  Flag.map(limit(name, description), (value) => value === undefined ? undefined : Duration.seconds(value))

const oneOf = <const Words extends ReadonlyArray<string>>(name: string, words: Words, description: string) =>
  given(Flag.Literals(name, words).pipe(Flag.withDescription(description)))

const isSet = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

const orderOf = (text: string): Option.Option<"any" | "stored" | number> =>
  text === "any" || text === "stored"
    ? Option.some(text)
    : Option.filter(Option.some(Number(text)), (seed) => /^\d+$/.test(text) && Number.isSafeInteger(seed))

/** What the flags give are the options themselves: one that has no flag, or a flag of none, is an error of types. */
export const flags = {
  port: port("port", "The port of the API"),
  storagePort: port("storage-port", "The port that files are uploaded to"),
  host: Flag.String("host").pipe(Flag.withDescription("The address to listen at"), Flag.withDefault("127.0.0.1")),
  allowHosts: texts(
    "allow-host",
    "A name by which requests may reach it, as `emulator` in a network of containers"
  ),
  controlOrigins: texts(
    "control-origin",
    "The origin of pages that may steer it, as `http://localhost:5173` for tests"
  ),
  data: text("data", "The folder in which everything is kept; in memory without it"),
  seed: text("seed", "A JSON file of accounts, tokens, datasets and the rest to start with"),
  token: text("token", "The token of the default user, who may do everything; random without it"),
  tokens: text("tokens", "A JSON file of further tokens: [{ \"text\", \"user\", \"scopes\", \"expiresAt\" }, …]"),
  user: text("user", "The name of the default user; `researcher` without it"),
  rateLimit: limit("rate-limit", "Requests that a token may make in a window; 1000 without it"),
  rateLimitWindow: seconds("rate-limit-window", "Seconds of that window; 60 without it"),
  rateLimitHeaders: oneOf(
    "rate-limit-headers",
    ["milliseconds", "seconds"],
    "How the rate limit's points in time are told: as documented, which is the default, or in seconds as recorded"
  ),
  concurrencyLimit: limit(
    "concurrency-limit",
    "Requests of a token that are answered at a time, more being refused; no limit without it"
  ),
  readQuota: limit("read-quota", "Bytes of rows that an account may read in 30 days; 200 GB without it"),
  queryQuota: limit("query-quota", "Seconds that an account's queries may run in a day; 100000 without it"),
  queryTimeout: seconds("query-timeout", "Seconds that a query may run before it fails; 600 without it"),
  exposeHeaders: isSet("expose-headers", "Lets pages read the headers that the service hides from them"),
  deleteAnswer: oneOf("delete-answer", ["text", "empty", "json"], "What DELETE answers; `OK` as text without it"),
  strictReferences: isSet(
    "strict-references",
    "Refuse references of which a part is not known, in place of ignoring it as the service does"
  ),
  anonymousAccess: oneOf(
    "anonymous-access",
    ["rows", "public"],
    "What is answered without a token: rows of public tables alone, as the service does it, or whatever is public"
  ),
  anonymousBytes: limit("anonymous-bytes", "Bytes of rows that are read at most without a token; 100 MB without it"),
  resultBytes: limit("result-bytes", "Bytes of a query's rows in one answer at most; 100 MB without it"),
  exportPartBytes: limit(
    "export-part-bytes",
    "Bytes of rows from which on an export has several files; 1 GB without it"
  ),
  batchRows: limit("batch-rows", "Rows of an Arrow batch at most; 10240 without it"),
  streamRows: limit(
    "stream-rows",
    "Rows that each stream of a read session has at least where there are several; 50000 without it"
  ),
  rowOrder: given(
    Flag.String("row-order").pipe(
      Flag.withDescription(
        "In which order rows come in one answer: `any`, another one each time, as without it; `stored`; or a number, " +
          "which is the seed of one"
      ),
      Flag.filterMap(orderOf, (value) => `${value} is no order: any, stored, or a whole number`)
    )
  ),
  draftRows: oneOf(
    "draft-rows",
    ["counted", "late"],
    "What a draft tells of its tables' rows: all that are there, or those before its uploads"
  ),
  mostTables: limit("most-tables", "Tables that a dataset has at most; 1000 without it")
} satisfies { readonly [Name in keyof Required<Options>]: Flag.Flag<Options[Name]> }
