/** The environment variable by variable, so that `--allow-env` may name those alone that a program is to read. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

declare const Deno: {
  readonly env: { readonly get: (name: string) => string | undefined }
  readonly permissions: {
    readonly querySync: (descriptor: { readonly name: "env"; readonly variable: string }) => { readonly state: string }
  }
}

/** What a program cannot mean to leave out by not permitting it. */
const needed: ReadonlySet<string> = new Set(["REDIVIS_API_TOKEN", "REDIVIS_API_ENDPOINT"])

const read = (name: string): Effect.Effect<string | undefined, ConfigProvider.SourceError> =>
  Effect.suspend(() => {
    const isPermitted = Deno.permissions.querySync({ name: "env", variable: name }).state === "granted"
    return isPermitted || needed.has(name)
      ? Effect.try({
        try: () => Deno.env.get(name),
        catch: (cause) =>
          new ConfigProvider.SourceError({ message: `${name} may not be read: run with --allow-env=${name}`, cause })
      })
      : Effect.succeed(undefined)
  })

const provider = ConfigProvider.make((path) =>
  Effect.map(
    read(path.join("_")),
    (value) => value === undefined || value === "" ? undefined : ConfigProvider.makeValue(value)
  )
)

/** In place of Effect's own provider, which reads all variables at once; one that the program has chosen stays. */
export const layer: Layer.Layer<never> = Layer.effectContext(
  Effect.contextWith((context: Context.Context<never>) =>
    Effect.succeed(Context.make(
      ConfigProvider.ConfigProvider,
      Context.getOrUndefined(context, ConfigProvider.ConfigProvider) ?? provider
    ))
  )
)
