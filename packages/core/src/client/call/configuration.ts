import type * as Credentials from "../Credentials.ts"
import type { Platform } from "../Platform.ts"

/** The options of a client, checked and complete. Times are in milliseconds. */
export interface Configuration {
  readonly endpoint: string
  readonly origin: string
  readonly credentials: Credentials.Source
  readonly timeout: number
  readonly idleTimeout: number
  readonly maxConcurrent: number
  /** Of a JSON or text answer, after inflation. */
  readonly maxAnswerBytes: number
  readonly lenient: boolean
  readonly trustedStorageOrigins: ReadonlyArray<string>
  readonly debug: boolean
  readonly platform: Platform
}
