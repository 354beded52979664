/** Code of your own, which the tests beside it are for. */
import * as Query from "@effect-redivis/core/Query"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** The name of the heaviest species of a table of birds; undefined where it has none. */
export const heaviest = (table: string) =>
  Query.run(
    `select species, avg(body_mass_g) as mass from \`${table}\` group by species order by mass desc limit 1`
  ).pipe(
    Effect.flatMap((query) => Stream.runCollect(Query.rows(query))),
    Effect.map(([row]) => (typeof row?.species === "string" ? row.species : undefined))
  )
