/** What the tests of the server share: an emulator, and raw requests to it. */
import * as Effect from "effect/Effect"
import * as Emulator from "../../src/Emulator.ts"

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly bytes: Uint8Array
}

export interface CallOptions {
  readonly method?: string | undefined
  /** `null`: none. Absent: the default user's. */
  readonly token?: string | null | undefined
  readonly json?: unknown
  readonly body?: BodyInit | undefined
  readonly headers?: Record<string, string> | undefined
}

const send = (url: string, authorization: string | undefined, options: CallOptions): Effect.Effect<Reply> =>
  Effect.promise(async (signal) => {
    const response = await fetch(url, {
      method: options.method ?? "GET",
      redirect: "manual",
      signal,
      headers: {
        ...(authorization === undefined ? undefined : { authorization }),
        ...(options.json === undefined ? undefined : { "content-type": "application/json" }),
        ...options.headers
      },
      ...(options.json !== undefined
        ? { body: JSON.stringify(options.json) }
        : options.body !== undefined
        ? { body: options.body }
        : undefined)
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) }
  })

/** A request to the API, by `fetch`. */
export const call = (path: string, options: CallOptions = {}): Effect.Effect<Reply, never, Emulator.Emulator> =>
  Effect.flatMap(Emulator.Emulator, (emulator) => {
    const token = options.token === undefined ? emulator.token : options.token
    return send(emulator.baseUrl + path, token === null ? undefined : `Bearer ${token}`, options)
  })

/** A request to any URL, without credentials. */
export const callUrl = (url: string, options: CallOptions = {}): Effect.Effect<Reply> => send(url, undefined, options)

/** A request that must succeed, and its JSON. */
export const json = (path: string, options: CallOptions = {}): Effect.Effect<any, never, Emulator.Emulator> =>
  Effect.map(call(path, options), (reply) => {
    if (reply.status !== 200) throw new Error(`${options.method ?? "GET"} ${path}: ${reply.status} ${reply.text}`)
    return JSON.parse(reply.text)
  })

/** Status and error of a reply that is one. */
export const failure = (
  reply: Reply
): { readonly status: number; readonly error: unknown; readonly description: string } => {
  const body = JSON.parse(reply.text)
  return { status: reply.status, error: body.error, description: body.error_description }
}

/** Asks until an answer fits; the server works meanwhile. */
export const until = <R>(
  ask: Effect.Effect<any, never, R>,
  fits: (value: any) => boolean
): Effect.Effect<any, never, R> =>
  Effect.flatMap(
    ask,
    (value) => fits(value) ? Effect.succeed(value) : Effect.andThen(Effect.yieldNow, until(ask, fits))
  )

/** A dataset with a released table `birds`, open to the public as far as it is said. */
export const penguins = (publicAccessLevel: "none" | "overview" | "metadata" | "data" = "data") =>
  ({
    users: [{ name: "demo", fullName: "Demo" }, { name: "other" }],
    datasets: [{
      owner: "demo",
      name: "Penguins!",
      referenceId: "peng",
      publicAccessLevel,
      description: "Birds of the south",
      labels: ["animals", "where:south"],
      tables: [{
        name: "Birds",
        referenceId: "brds",
        variables: [
          { name: "species", type: "string", label: "Species" },
          { name: "body_mass_g", type: "integer" },
          { name: "flipper", type: "float" }
        ],
        rows: [
          { species: "Adelie", body_mass_g: 3750, flipper: 18.1 },
          { species: "Gentoo", body_mass_g: 5000, flipper: null },
          { species: "Chinstrap", body_mass_g: null, flipper: 19.5 }
        ]
      }]
    }]
  }) as const
