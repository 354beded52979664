/** Changes what the calls of a region are changed by, for effects and streams alike. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Region } from "./Client.ts"
import { CurrentSettings, type Settings } from "./region.ts"

/** Changes a reference for what is inside, which sees what is set around it. */
export const change = <S extends Region, A>(self: S, reference: Context.Reference<A>, f: (outer: A) => A): S => {
  const changed = Stream.isStream(self)
    ? Stream.updateService(self, reference, f)
    : Effect.updateService(self, reference, f)
  return changed as S // a reference is no requirement
}

/** Changes the settings, with what is wrong with the new ones. */
export const set = <S extends Region>(
  self: S,
  f: (outer: Settings) => Settings,
  wrong: Settings["wrong"] = {}
): S => change(self, CurrentSettings, (outer) => ({ ...outer, ...f(outer), wrong: { ...outer.wrong, ...wrong } }))
