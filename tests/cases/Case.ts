/**
 * What is true in every runtime, written once without a test framework: each
 * runtime has its own way to start, none has vitest.
 */
import type { Options, Redivis } from "@effect-redivis/core/Redivis"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"

/** The engines of browsers, where it is a page that runs. */
export const browsers = ["chromium", "firefox", "webkit"] as const

export type Browser = typeof browsers[number]

export const runtimes = ["node22", "node26", "deno", "bun", "workerd", ...browsers] as const

export type Runtime = typeof runtimes[number]

export const isBrowser = (runtime: Runtime): runtime is Browser => browsers.some((browser) => browser === runtime)

/** The same reason in each browser, for what no page can do. */
export const inBrowsers = (reason: string): { readonly [B in Browser]: string } => ({
  chromium: reason,
  firefox: reason,
  webkit: reason
})

/** Whether a runtime tells a body that broke off from one that ended. */
export const seesEnds = (runtime: Runtime): boolean => runtime !== "webkit"

export const unseenEnds = "over HTTP/1.1 it takes a connection that closes between two chunks for the end of the body"

/** Where a case runs and against what. */
export interface Surroundings {
  readonly runtime: Runtime
  /** Differs in each run and runtime: letters and digits, for names of what a case creates. */
  readonly run: string
  /** The emulator's API, for example `http://127.0.0.1:8080/api/v1`. */
  readonly endpoint: string
  /** The emulator's control interface: seed, requests, clock, faults. */
  readonly control: string
  /** A token with every scope. */
  readonly token: string
  /**
   * Another origin that records. `GET /_requests` gives what it was asked, as
   * `ReadonlyArray<{ method, path, headers, body }>`; anything else is answered
   * with the JSON text in the query parameter `answer`, else with `{}`.
   */
  readonly elsewhere: string
  /** What else the emulator listens on: where uploads and files are. */
  readonly origins: ReadonlyArray<string>
}

/** Calls that another request of the same worker makes, or another root fiber where there are no requests. */
export interface Errand {
  readonly endpoint: string
  readonly token: string
  /** How many calls of `users.me`, all at once. */
  readonly calls: number
  readonly maxConcurrent: number
}

/** What a runtime's own package gives. */
export interface Clients {
  readonly layer: (options: Options) => Layer.Layer<Redivis, unknown>
  readonly layerConfig: Layer.Layer<Redivis, unknown>
  /** Runs an errand beside the case, and gives the number of calls that succeeded. */
  readonly runErrand: (errand: Errand) => Promise<number>
}

export interface PlaceShape extends Surroundings {
  /** A client of the runtime's own package at the emulator; what the options do not say is as in the case's own. */
  readonly client: (options?: Options) => Layer.Layer<Redivis>
  /** A client that the `ConfigProvider` sets up. */
  readonly clientConfig: Layer.Layer<Redivis>
  readonly runErrand: Clients["runErrand"]
}

export class Place extends Context.Service<Place, PlaceShape>()("@effect-redivis/tests/Place") {}

export type CaseContext = Redivis | HttpClient.HttpClient | Place

export interface Case {
  /** A sentence about behaviour. */
  readonly name: string
  /** Where alone it runs; everywhere if absent. */
  readonly runtimes?: ReadonlyArray<Runtime> | undefined
  /** Where it cannot hold, with the reason. */
  readonly skip?: { readonly [R in Runtime]?: string } | undefined
  readonly run: Effect.Effect<void, unknown, CaseContext>
}

export const isFor = ({ runtimes }: Case, runtime: Runtime): boolean => runtimes?.includes(runtime) ?? true
