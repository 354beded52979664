import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Lock from "../../src/publishing/Lock.ts"
import { table } from "./describing.ts"

const locked = (name: string, more: Partial<Lock.LockedTable> = {}): Lock.LockedTable => ({
  name,
  reference: `demo.penguins:5k9t:v1_2.${name}`,
  referenceId: `id_${name}`,
  hash: `hash of ${name}`,
  numRows: 3,
  ...more
})

const dataset = (reference: string, tables: ReadonlyArray<Lock.LockedTable>): Lock.LockedDataset => ({
  reference,
  tag: "v1.2",
  doi: null,
  tables
})

const lock: Lock.Lock = {
  lockVersion: 1,
  datasets: [dataset("demo.whales:5k9t:v1_2", []), dataset("demo.penguins:5k9t:v1_2", [locked("b"), locked("a")])]
}

describe("the text of a lock", () => {
  it("is the same whatever order its parts came in, and ends in a line break", () => {
    const text = Lock.format(lock)
    const [whales, penguins] = lock.datasets
    const other = {
      datasets: [{ ...penguins!, tables: penguins!.tables.toReversed() }, whales!],
      lockVersion: 1
    } as const
    assert.strictEqual(Lock.format(other), text)
    assert.isTrue(text.endsWith("}\n"))
    assert.isBelow(text.indexOf("penguins"), text.indexOf("whales"))
    assert.isBelow(text.indexOf("v1_2.a"), text.indexOf("v1_2.b"))
  })

  it("is read back as it was written", () => {
    const text = Lock.format(lock)
    assert.deepStrictEqual(Result.map(Lock.parse(text), Lock.format), Result.succeed(text))
  })

  it("of another kind is refused", () => {
    for (const text of ["", "{}", "{\"lockVersion\":2,\"datasets\":[]}", "{\"lockVersion\":1,\"datasets\":[{}]}"]) {
      const read = Lock.parse(text)
      assert.isTrue(Result.isFailure(read) && read.failure._tag === "DecodeError", text)
    }
  })
})

describe("a lock file", () => {
  it.effect("is written beside its place and moved there whole", () =>
    Effect.gen(function*() {
      const calls: Array<string> = []
      const fileSystem = FileSystem.layerNoop({
        writeFileString: (path, data) => Effect.sync(() => void calls.push(`write ${path} ${data.length}`)),
        rename: (from, to) => Effect.sync(() => void calls.push(`rename ${from} ${to}`)),
        readFileString: () => Effect.succeed(Lock.format(lock))
      })
      yield* Effect.provide(Lock.write(lock), fileSystem)
      const [, aside] = /^write (redivis\.lock\.[0-9a-z]+\.part) \d+$/.exec(calls[0] ?? "") ?? assert.fail(calls.join())
      assert.deepStrictEqual(calls, [
        `write ${aside} ${Lock.format(lock).length}`,
        `rename ${aside} redivis.lock`
      ])
      const read = yield* Effect.provide(Lock.read(), fileSystem)
      assert.strictEqual(Lock.format(read), Lock.format(lock))
    }))
})

describe("what moved", () => {
  const found = (name: string, more = {}) =>
    table(name, { referenceId: `id_${name}`, hash: `hash of ${name}`, numRows: 3, ...more })
  const penguins = lock.datasets[1]!

  it("is nothing where all is as it was", () => {
    assert.deepStrictEqual(Lock.compare(penguins, [found("a"), found("b")]), [])
  })

  it("is told table by table, whatever they are called now", () => {
    const moved = Lock.compare(penguins, [found("a", { hash: "other", numRows: 4, name: "renamed" }), found("c")])
    assert.deepStrictEqual(
      moved.map((one) => [one.kind, "table" in one ? one.table.name : "", "fields" in one ? one.fields : []]),
      [["tableMissing", "b", []], ["tableAdded", "c", []], ["tableChanged", "a", ["name", "hash", "numRows"]]]
    )
  })
})
