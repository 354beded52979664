/** The emulator that every runtime talks to, on real sockets. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"

export interface Service {
  readonly endpoint: string
  readonly control: string
  readonly origins: ReadonlyArray<string>
  /** Takes back what the runtime before has set, and gives a token with a rate limit of its own. */
  readonly prepare: () => Promise<string>
  /** The operations that have arrived since then. */
  readonly operations: () => Promise<ReadonlySet<string>>
  readonly stop: () => Promise<void>
}

/** Pages of `origin` may steer it. */
export const startService = async (origin: string): Promise<Service> => {
  const runtime = ManagedRuntime.make(Emulator.layer({
    controlOrigins: [origin],
    // cases read several streams of few rows
    streamRows: 1
  }))
  const emulator = await runtime.runPromise(Emulator.Emulator)
  return {
    endpoint: emulator.baseUrl,
    control: `${new URL(emulator.baseUrl).origin}/_emulator`,
    origins: [emulator.storageUrl],
    prepare: () =>
      runtime.runPromise(Effect.gen(function*() {
        yield* emulator.faults.clear
        yield* emulator.clearRequests
        yield* emulator.setExposeHeaders(false)
        yield* emulator.setRateLimit(1000, "nextWindow")
        yield* emulator.clock.set(Date.now())
        return yield* emulator.makeToken()
      })),
    operations: () =>
      runtime.runPromise(
        Effect.map(emulator.requests, (all) => new Set(all.flatMap(({ operation }) => operation ?? [])))
      ),
    stop: () => runtime.dispose()
  }
}
