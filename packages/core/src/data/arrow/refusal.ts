/** Why bytes are no Arrow stream that can be read: thrown by the loops below the edge, never beyond it. */
export class Refusal extends Error {
  readonly _tag = "ArrowRefusal"
  /** The part of the stream, as `message 3: column "name"`. */
  path: string
  readonly expected: string
  readonly value: string | undefined
  constructor(path: string, expected: string, value?: string) {
    super(`${path}: expected ${expected}`)
    this.path = path
    this.expected = expected
    this.value = value === undefined || value.length <= 40 ? value : `${value.slice(0, 39)}…`
  }
  /** Puts the name of the part that was being read before the path. */
  placeIn(part: string): void {
    this.path = this.path === "" ? part : `${part}: ${this.path}`
  }
}

/** Why a stream that was well-formed so far is not whole. */
export class Shortfall extends Error {
  readonly _tag = "ArrowShortfall"
  readonly reason: "MissingEnd" | "MissingSentinel" | "RowCount" | "BytesAfterEnd"
  readonly detail: string
  constructor(reason: Shortfall["reason"], detail: string) {
    super(detail)
    this.reason = reason
    this.detail = detail
  }
}

const isTagged = (error: unknown, tag: string): boolean =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === tag

export const isRefusal = (error: unknown): error is Refusal => isTagged(error, "ArrowRefusal")

export const isShortfall = (error: unknown): error is Shortfall => isTagged(error, "ArrowShortfall")

/** Ends reading here. */
export const refuse = (path: string, expected: string, value?: string | number | bigint): never => {
  throw new Refusal(path, expected, value === undefined ? undefined : String(value))
}
