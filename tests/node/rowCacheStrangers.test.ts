/** What strangers put where rows are kept: entries of their making, links, and directories of theirs. */
import * as RowCache from "@effect-redivis/core/RowCache"
import * as Table from "@effect-redivis/core/Table"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import * as NodeRowCache from "@effect-redivis/node/NodeRowCache"
import { afterAll, assert, beforeAll, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash, createHmac } from "node:crypto"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

const seed = {
  users: [{ name: "demo" }],
  datasets: [{
    owner: "demo",
    name: "kept",
    publicAccessLevel: "data",
    tables: [{ name: "few", rows: Array.from({ length: 500 }, (_, n) => ({ n, t: `row ${n}` })) }]
  }]
} as const

const few = "demo.kept.few"

let root: string
let directories = 0

beforeAll(() => void (root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-strangers-"))))
afterAll(() => Fs.rmSync(root, { recursive: true }))

const place = (): string => Path.join(root, String(++directories))

/** The rows, and whether they came out of the directory. */
const read = (directory: string) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const before = (yield* emulator.requests).length
    const rows = yield* RowCache.rows(few).pipe(
      Stream.runCollect,
      Effect.provide(NodeRowCache.layer({ directory }))
    )
    return { rows, isKept: (yield* emulator.requests).length - before === 1 }
  })

const entryOf = (directory: string): string =>
  Path.join(
    directory,
    Fs.readdirSync(directory).find((name) => name.endsWith(".rows")) ?? assert.fail("nothing is kept")
  )

const footer = 12 + 64 + "redivis rows\n".length

interface Parts {
  readonly blocks: Buffer
  readonly manifest: {
    key: string
    variables: Array<{ name: string; type: string }>
    streams: Array<Array<{ offset: number; length: number; digest: string }>>
  }
}

const take = (path: string): Parts => {
  const bytes = Fs.readFileSync(path)
  const end = bytes.length - footer
  const start = end - Number(bytes.subarray(end, end + 12).toString())
  return { blocks: bytes.subarray(0, start), manifest: JSON.parse(bytes.subarray(start, end).toString()) }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** Writes an entry as whoever knows how one is laid out. */
const forge = (path: string, { blocks, manifest }: Parts, seal: (body: Buffer) => string): void => {
  const body = Buffer.from(JSON.stringify(manifest))
  const end = String(body.length).padStart(12, "0") + seal(body) + "redivis rows\n"
  Fs.writeFileSync(path, Buffer.concat([blocks, body, Buffer.from(end)]))
}

layer(Emulator.layerTestWith({ seed }), { excludeTestServices: true })("rows in files", (it) => {
  it.effect(
    "that somebody altered, or made without the credentials, are as good as absent",
    () =>
      Effect.gen(function*() {
        const plain = yield* Stream.runCollect(Table.rows(few))
        const directory = place()
        yield* read(directory)
        const path = entryOf(directory)
        const changes: Record<string, (parts: Parts) => Parts> = {
          nothing: (parts) => parts,
          "a name": ({ blocks, manifest }) => ({
            blocks,
            manifest: { ...manifest, variables: [{ name: "n", type: "string" }, ...manifest.variables.slice(1)] }
          }),
          "a value": ({ blocks, manifest }) => {
            const altered = Buffer.from(blocks)
            altered.write("ROW", altered.indexOf("row 1"))
            const streams = manifest.streams.map((stream) =>
              stream.map((block) => ({
                ...block,
                digest: sha256(altered.subarray(block.offset, block.offset + block.length))
              }))
            )
            return { blocks: altered, manifest: { ...manifest, streams } }
          }
        }
        const seals: Record<string, (body: Buffer, parts: Parts) => string> = {
          "a digest": sha256,
          "an empty key": (body) => createHmac("sha256", "").update(body).digest("hex"),
          "the entry's key": (body, { manifest }) => createHmac("sha256", manifest.key).update(body).digest("hex"),
          zeros: () => "0".repeat(64)
        }
        for (const [change, alter] of Object.entries(changes)) {
          for (const [name, seal] of Object.entries(seals)) {
            assert.isTrue((yield* read(directory)).isKept, `${change}, ${name}`)
            const parts = alter(take(path))
            forge(path, parts, (body) => seal(body, parts))
            const { isKept, rows } = yield* read(directory)
            assert.isFalse(isKept, `${change}, sealed by ${name}`)
            assert.deepStrictEqual(rows, plain)
          }
        }
      }),
    60_000
  )

  it.effect("are not read through a link, nor written through one", () =>
    Effect.gen(function*() {
      const directory = place()
      yield* read(directory)
      const path = entryOf(directory)
      const outside = place()
      Fs.renameSync(path, outside)
      const before = Fs.readFileSync(outside)
      const usedAt = Fs.statSync(outside).mtimeMs
      Fs.symlinkSync(outside, path)
      assert.isFalse((yield* read(directory)).isKept)
      assert.isTrue(Fs.lstatSync(path).isFile())
      assert.deepStrictEqual(Fs.readFileSync(outside), before)
      assert.strictEqual(Fs.statSync(outside).mtimeMs, usedAt)
      assert.isTrue((yield* read(directory)).isKept)
    }))

  it.effect("are not kept in a directory that is a link, another user's, or open to others", () =>
    Effect.gen(function*() {
      const open = (directory: string) =>
        Effect.map(Effect.flip(read(directory)), (failure) => {
          assert.strictEqual(failure._tag, "RowCacheError")
          return failure.message
        })
      const directory = place()
      Fs.mkdirSync(directory, { mode: 0o700 })
      const link = place()
      Fs.symlinkSync(directory, link)
      assert.include(yield* open(link), "is a link")
      if (process.platform === "win32") return
      for (const mode of [0o770, 0o707, 0o720, 0o702, 0o1777]) {
        Fs.chmodSync(directory, mode)
        assert.include(yield* open(directory), "chmod 700", mode.toString(8))
      }
      for (const mode of [0o700, 0o750, 0o755]) {
        Fs.chmodSync(directory, mode)
        yield* read(directory)
      }
      // only who may do everything gives a directory away
      if (process.getuid?.() !== 0) return
      const theirs = place()
      Fs.mkdirSync(theirs, { mode: 0o700 })
      Fs.chownSync(theirs, 12_345, 12_345)
      assert.include(yield* open(theirs), "another user's")
      assert.deepStrictEqual(Fs.readdirSync(theirs), [])
    }))
})
