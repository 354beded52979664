/** Entries in the memory of the process. */
import * as Effect from "effect/Effect"
import type { Draft, Entry, Store } from "./store.ts"

interface Kept {
  readonly parts: ReadonlyArray<Uint8Array>
  readonly size: number
}

/** So many bytes from an offset on: a part itself where they are all of it. */
const slice = (parts: ReadonlyArray<Uint8Array>, offset: number, length: number): Uint8Array => {
  let at = 0
  let out: Uint8Array | undefined
  for (const part of parts) {
    const from = Math.max(offset, at)
    const to = Math.min(offset + length, at + part.length)
    if (from === at && to === at + part.length && part.length === length) return part
    if (from < to) (out ??= new Uint8Array(length)).set(part.subarray(from - at, to - at), from - offset)
    at += part.length
  }
  return out ?? new Uint8Array(0)
}

export const makeMemory = (maxBytes: number): Store => {
  /** The least recently used first. */
  const entries = new Map<string, Kept>()
  let total = 0
  const remove = (key: string): void => {
    total -= entries.get(key)?.size ?? 0
    entries.delete(key)
  }
  return {
    maxBytes,
    open: (key) =>
      Effect.sync(() => {
        const kept = entries.get(key)
        if (kept === undefined) return undefined
        entries.delete(key)
        entries.set(key, kept)
        const entry: Entry = {
          size: kept.size,
          read: (offset, length) => Effect.sync(() => slice(kept.parts, offset, length))
        }
        return entry
      }),
    create: (key) =>
      Effect.suspend(() => {
        let parts: Array<Uint8Array> = []
        let size = 0
        const draft: Draft = {
          write: (bytes) =>
            Effect.sync(() => {
              parts.push(bytes)
              size += bytes.length
            }),
          commit: Effect.sync(() => {
            if (size > maxBytes) return
            remove(key)
            for (const oldest of entries.keys()) {
              if (total + size <= maxBytes) break
              remove(oldest)
            }
            entries.set(key, { parts, size })
            total += size
          })
        }
        // who holds the draft holds nothing more
        const drop = Effect.sync(() => {
          parts = []
        })
        return Effect.as(Effect.addFinalizer(() => drop), draft)
      }),
    remove: (key) => Effect.sync(() => remove(key)),
    clear: Effect.sync(() => {
      entries.clear()
      total = 0
    })
  }
}
