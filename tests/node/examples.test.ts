/** Each example does what it says, against an emulator. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { findChromium } from "../browsers/chromium.ts"
import { withPage } from "../browsers/page.ts"
import { bundle } from "../runner/bundle.ts"
import { root } from "../runner/places.ts"
import { serveWorker } from "../workerd/serve.ts"
import { inTurn, serve } from "./scriptedServer.ts"
import { askWorker, environment, layer as penguins, run, runDeno } from "./documents.ts"

/** For several processes on a busy machine, in milliseconds. */
const patience = 90_000

const runNode = (emulator: Emulator.Emulator["Service"], file: string, ...parameters: ReadonlyArray<string>) =>
  run(process.execPath, [file, ...parameters], { env: environment(emulator) })

layer(penguins, { excludeTestServices: true })("examples", (it) => {
  it.effect(
    "effect/compose.ts describes several datasets, one that is not there among them",
    () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const ran = yield* runNode(emulator, "examples/effect/compose.ts", "demo.penguins", "demo.whales")
        assert.deepStrictEqual(ran.out, [
          "penguins",
          "  birds: 4 rows",
          "demo.whales: there is none, or this token may not see it"
        ], ran.log)
      }),
    patience
  )

  it.effect(
    "node/upload.ts releases a file as the next version, and node/read.ts reads its rows",
    () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        yield* emulator.seed({
          datasets: [{ owner: "demo", name: "whales", access: [{ user: emulator.user, level: "edit" }] }]
        })
        const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-examples-"))
        const file = Path.join(folder, "sizes.csv")
        Fs.writeFileSync(file, "name,tonnes\nblue,9007199254740993\nminke,7\n")
        const uploaded = yield* runNode(emulator, "examples/node/upload.ts", "demo.whales", "sizes", file)
        Fs.rmSync(folder, { recursive: true })
        assert.strictEqual(uploaded.code, 0, uploaded.log)
        assert.match(uploaded.out.join(""), /^v\d+\.\d+: 2 rows of sizes\.csv are in sizes$/)
        const read = yield* runNode(emulator, "examples/node/read.ts", "demo.whales.sizes")
        assert.deepStrictEqual(
          read.out.map((line) => line.replace(/^\d/, "?")).sort(),
          ["?/2 name=blue tonnes=9007199254740993", "?/2 name=minke tonnes=7"],
          read.log
        )
      }),
    patience
  )

  it.effect("node/schemas.ts prints a module with a schema for each table of a dataset", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const ran = yield* runNode(emulator, "examples/node/schemas.ts", "demo.penguins")
      const lines = ran.out.filter((line) => !/^(\/| \*|$)/.test(line))
      assert.deepStrictEqual(lines, [
        "import * as Schema from \"effect/Schema\"",
        "export const Birds = Schema.Struct({",
        "  species: Schema.NullOr(Schema.String),",
        "  body_mass_g: Schema.NullOr(Schema.Int)",
        "})",
        "export interface Birds extends Schema.Schema.Type<typeof Birds> {}"
      ], ran.log)
    }), patience)

  it.effect(
    "node/cached.ts counts rows, the second time after one request",
    () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-redivis-examples-"))
        const count = runNode(emulator, "examples/node/cached.ts", "demo.penguins.birds", "species", folder)
        const counts = ["Adelie: 2", "Gentoo: 1", "Chinstrap: 1"]
        const first = yield* count
        assert.deepStrictEqual(first.out, [...counts, "5 requests"], first.log)
        const second = yield* count
        assert.deepStrictEqual(second.out, [...counts, "1 requests"], second.log)
        Fs.rmSync(folder, { recursive: true })
      }),
    patience
  )

  it.effect("deno/query.ts prints the rows of a query, and where its SQL is wrong", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const sql = "select species, count(*) as n from `demo.penguins.birds` group by species order by n desc limit 1"
      const ran = yield* runDeno(emulator, "examples/deno/query.ts", [sql])
      assert.deepStrictEqual(ran.out, ["{\"species\":\"Adelie\",\"n\":2}"], ran.log)
      const wrong = yield* runDeno(emulator, "examples/deno/query.ts", ["select spices from `demo.penguins.birds`"])
      assert.strictEqual(wrong.code, 1)
      assert.match(wrong.log, /^The query \w+ failed: .*spices/m)
    }), patience)

  it.effect("edge/worker.ts answers with rows, or with what is wrong", () =>
    Effect.gen(function*() {
      const emulator = yield* Emulator.Emulator
      const [rows, missing, wrong, csv, noCsv] = yield* askWorker(emulator, "examples/edge/worker.ts", [
        "/demo.penguins.birds?rows=1",
        "/demo.penguins.whales",
        "/demo.penguins.birds?rows=-1",
        "/demo.penguins.birds?format=csv",
        "/demo.penguins.whales?format=csv"
      ])
      assert.deepStrictEqual(csv!.body.trimEnd().split("\n").toSorted(), [
        "Adelie,3750",
        "Adelie,3800",
        "Chinstrap,3500",
        "Gentoo,5700",
        "species,body_mass_g"
      ])
      assert.deepStrictEqual(noCsv, missing)
      assert.deepStrictEqual(JSON.parse(rows!.body), [{ species: "Adelie", body_mass_g: 3750 }])
      assert.deepStrictEqual(missing, { status: 404, body: "{\"error\":\"no such table\"}" })
      assert.strictEqual(wrong!.status, 400)
    }), patience)

  it.effect(
    "edge/worker.ts hands bytes on as they come, and a visitor who leaves ends them at the server",
    () =>
      Effect.gen(function*() {
        const code = yield* Effect.promise(() =>
          bundle("examples/edge/worker.ts", { platform: "neutral", conditions: ["workerd", "worker", "browser"] })
        )
        const size = 100_000_000
        const server = yield* serve(inTurn({ body: Buffer.alloc(size), headers: { "content-length": String(size) } }))
        const worker = serveWorker(code, { REDIVIS_API_TOKEN: "token", REDIVIS_API_ENDPOINT: server.endpoint })
        if (worker === undefined) return assert.fail("the package workerd is not installed")
        yield* Effect.addFinalizer(() => Effect.promise(worker.stop))
        const visitor = new AbortController()
        yield* Effect.promise(async () => {
          const { body } = await worker.fetch("/demo.penguins.birds?format=csv", { signal: visitor.signal })
          await body!.getReader().read() // the server sends one
        })
        visitor.abort()
        yield* Effect.promise(() => server.received[0]!.closed)
      }).pipe(Effect.scoped),
    patience
  )

  it.effect("browser/index.html shows rows in a page", (context) =>
    Effect.gen(function*() {
      const found = yield* Effect.promise(findChromium)
      if (typeof found === "string") return context.skip(found)
      const emulator = yield* Emulator.Emulator
      const cells = yield* Effect.promise(async () => {
        const script = await bundle("examples/browser/main.ts", { platform: "browser", conditions: ["browser"] })
        const html = Fs.readFileSync(Path.join(root, "examples/browser/index.html"), "utf8")
        return withPage(found, { "/": html, "/dist/main.js": script }, async (page, origin) => {
          await page.goto(`${origin}/?endpoint=${encodeURIComponent(emulator.baseUrl)}`, { waitUntil: "load" })
          await page.click("button")
          await page.waitForFunction(`document.querySelector("p").textContent !== ""`)
          return page.locator("td").allTextContents()
        })
      })
      assert.deepStrictEqual(cells.slice(0, 4), ["species", "body_mass_g", "Adelie", "3750"])
      assert.strictEqual(cells.length, 10)
    }), patience)
})
