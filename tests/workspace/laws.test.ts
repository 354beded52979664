import { assert, describe, it } from "@effect/vitest"
import { refusal } from "../../scripts/lawsOfTheProject.ts"

const allowed: ReadonlyArray<readonly [file: string, specifier: string]> = [
  ["packages/core/src/resources/Dataset.ts", "../client/Redivis.ts"],
  ["packages/core/src/resources/Dataset.ts", "../contract/dataset.ts"],
  ["packages/core/src/data/arrow/frame.ts", "../../contract/RedivisError.ts"],
  ["packages/core/src/client/Redivis.ts", "effect/http/HttpClient"],
  ["packages/core/src/index.ts", "./resources/Dataset.ts"],
  ["packages/core/src/contract/OpenApi.ts", "./index.ts"],
  ["packages/core/src/data/ArrowTable.ts", "@uwdata/flechette"],
  ["packages/core/src/data/Parquet.ts", "hyparquet-writer/src/bytewriter.js"],
  ["packages/core/src/data/parquet/column.ts", "hyparquet-writer"],
  ["packages/node/src/NodeRedivis.ts", "@effect-redivis/core/Redivis"],
  ["packages/emulator/src/http/routes.ts", "@effect-redivis/core/Contract"],
  ["packages/emulator/src/http/routes.ts", "@effect-redivis/core/OpenApi"],
  ["packages/emulator/src/layerTest.ts", "@effect-redivis/core/Redivis"],
  ["packages/core/test/Dataset.test.ts", "effect"],
  ["tests/cases/index.ts", "@effect-redivis/core"]
]

const refused: ReadonlyArray<readonly [file: string, specifier: string]> = [
  ["packages/core/src/client/Redivis.ts", "effect"],
  ["packages/core/src/client/Redivis.ts", "node:fs"],
  ["packages/core/src/client/Redivis.ts", "undici"],
  ["packages/core/src/client/Redivis.ts", "../data/Rows.ts"],
  ["packages/core/src/client/Redivis.ts", "../contract/index.ts"],
  ["packages/core/src/client/Redivis.ts", "../contract/OpenApi.ts"],
  ["packages/core/src/contract/dataset.ts", "../client/request.ts"],
  ["packages/core/src/contract/dataset.ts", "../index.ts"],
  ["packages/core/src/data/arrow/frame.ts", "../../resources/Table.ts"],
  ["packages/core/src/data/Rows.ts", "@uwdata/flechette"],
  ["packages/core/src/data/Rows.ts", "hyparquet-writer"],
  ["packages/core/src/data/Parquet.ts", "@uwdata/flechette"],
  ["packages/core/src/data/Parquet.ts", "hyparquet-writer-2"],
  ["packages/node/src/NodeRedivis.ts", "@effect-redivis/core"],
  ["packages/node/src/NodeRedivis.ts", "@effect/platform-node"],
  ["packages/node/src/NodeRedivis.ts", "@effect-redivis/emulator"],
  ["packages/emulator/src/http/routes.ts", "@effect-redivis/core/Redivis"]
]

describe("the law of imports", () => {
  it.each(allowed)("lets %s import %s", (file, specifier) => {
    assert.isUndefined(refusal(file, specifier, false))
  })

  it.each(refused)("keeps %s from importing %s", (file, specifier) => {
    assert.isString(refusal(file, specifier, false))
  })

  it("lets types alone come from the whole contract, which costs no bundle", () => {
    assert.isUndefined(refusal("packages/core/src/client/Redivis.ts", "../contract/index.ts", true))
  })
})
