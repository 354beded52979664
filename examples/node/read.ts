/**
 * Reads a table row by row, with how far it is on the terminal.
 *
 * `node examples/node/read.ts demo.penguins.birds`
 */
import * as Table from "@effect-redivis/core/Table"
import { NodeRedivis } from "@effect-redivis/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"

const [reference = ""] = process.argv.slice(2)

const program = Effect.gen(function*() {
  const { numRows } = yield* Table.get(reference)
  let done = 0
  // bigint: no integer is too large; text: no microsecond is lost
  const rows = Table.rows(reference, { values: { integer: "bigint", dateTime: "text" } })
  yield* Stream.runForEach(rows, (row) =>
    Effect.suspend(() => {
      done += 1
      const line = Object.entries(row).map(([column, value]) => `${column}=${value}`).join(" ")
      return Console.log(`${done}/${numRows} ${line}`)
    }))
})

program.pipe(Effect.provide(NodeRedivis.layerConfig), NodeRuntime.runMain)
