/** Calls of Deno's file functions, whose failures are told as Effect tells them. */
import * as Effect from "effect/Effect"
import * as PlatformError from "effect/PlatformError"

const tags: Record<string, PlatformError.SystemErrorTag> = {
  NotFound: "NotFound",
  AlreadyExists: "AlreadyExists",
  PermissionDenied: "PermissionDenied",
  NotCapable: "PermissionDenied",
  Busy: "Busy",
  TimedOut: "TimedOut"
}

const nameOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "name" in cause ? String(cause.name) : ""

export const systemCall = <A>(
  method: string,
  path: string,
  call: () => Promise<A>
): Effect.Effect<A, PlatformError.PlatformError> =>
  Effect.tryPromise({
    try: call,
    catch: (cause) =>
      PlatformError.systemError({
        _tag: tags[nameOf(cause)] ?? "Unknown",
        module: "FileSystem",
        method,
        pathOrDescriptor: path,
        cause
      })
  })
