/**
 * What is true in every runtime, written once without a test framework: each
 * runtime has its own way to start, none has vitest.
 */
import type { Redivis } from "@effect-redivis/core/Redivis"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"

export const runtimes = ["node22", "node26", "deno", "bun", "workerd", "chromium"] as const

export type Runtime = typeof runtimes[number]

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

export class Place extends Context.Service<Place, Surroundings>()("@effect-redivis/tests/Place") {}

export type CaseContext = Redivis | HttpClient.HttpClient | Place

export interface Case {
  /** A sentence about behaviour. */
  readonly name: string
  /** Where it cannot hold, with the reason. */
  readonly skip?: { readonly [R in Runtime]?: string } | undefined
  readonly run: Effect.Effect<void, unknown, CaseContext>
}
