/**
 * The JSON Schema of seeds, for editors: `node packages/emulator/scripts/seedSchema.ts`
 * writes it, and a test fails where it is outdated.
 */
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import { Seed } from "../src/Seed.ts"

export const file = new URL("../seed.schema.json", import.meta.url)

export const render = (): string => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(Seed, { onExcessProperty: "error" })
  const whole = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Seed of effect-redivis-emulator",
    ...schema,
    ...(Object.keys(definitions).length === 0 ? undefined : { $defs: definitions })
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}

if (import.meta.main) Fs.writeFileSync(file, render())
