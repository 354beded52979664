import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as SeedSchema from "../../scripts/seedSchema.ts"
import * as Emulator from "../../src/Emulator.ts"
import type * as Seed from "../../src/Seed.ts"
import { call, json } from "./harness.ts"

const inFolder = <A, E, R>(f: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "seed-"))),
    f,
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
  )

const whole = {
  $schema: "./seed.schema.json",
  users: [{ name: "ann", fullName: "Ann", contactEmail: "ann@example.org", orcid: "0000" }, { name: "bob" }],
  organizations: [{
    name: "lab",
    fullName: "Lab",
    ror: "https://ror.org/x",
    members: [{ user: "ann", isAdmin: true, labels: ["x"] }]
  }],
  tokens: [
    { text: "ann-token", user: "ann" },
    { text: "old-token", user: "ann", expiresAt: 1 },
    { text: "small-token", user: "bob", scopes: ["data.overview"] }
  ],
  datasets: [
    {
      owner: "lab",
      name: "Births",
      referenceId: "brth",
      doi: "10.1/x",
      publicAccessLevel: "metadata",
      methodologyMarkdown: "# How",
      links: [{ title: "a", url: "https://example.org" }],
      temporalRange: [0, 1],
      temporalPrecision: "year",
      geoBBox: { westLongitude: 0, eastLongitude: 1, northLatitude: 2, southLatitude: 3 },
      access: [{ user: "bob", level: "data" }],
      versions: [
        {
          releaseNotes: "first",
          label: "One",
          tables: [
            {
              name: "Births",
              file: "births.csv",
              variables: [{ name: "year", label: "Year", valueLabels: [{ value: "2020", label: "then" }] }]
            },
            { name: "Gone", rows: [{ a: 1 }] }
          ]
        },
        {
          tables: [
            { name: "Births", text: "{\"year\":2022,\"births\":9}\n", type: "ndjson" },
            { name: "Gone", remove: true },
            {
              name: "Typed",
              variables: [{ name: "d", type: "date" }, { name: "t", type: "dateTime" }],
              rows: [{ d: "2020-01-02", t: "2020-01-02 03:04:05" }]
            }
          ]
        },
        { released: false, label: "Draft", tables: [{ name: "Empty" }] }
      ]
    },
    { owner: "ann", name: "Nothing" }
  ],
  workflows: [{
    owner: "ann",
    name: "Work",
    publicAccessLevel: "view",
    tables: [{ name: "Out", rows: [{ a: 1 }, { a: 2 }] }]
  }],
  secrets: [{ owner: "ann", name: "key", value: "hidden" }]
}

const births = "year,births\n2020,10\n2021,11\n"

const write = (folder: string, seed: unknown): string => {
  Fs.writeFileSync(Path.join(folder, "births.csv"), births)
  const file = Path.join(folder, "seed.json")
  Fs.writeFileSync(file, JSON.stringify(seed))
  return file
}

describe("a seed", () => {
  it("has a JSON Schema beside the package that is current", () => {
    assert.strictEqual(Fs.readFileSync(SeedSchema.file, "utf8"), SeedSchema.render(), "run node scripts/seedSchema.ts")
  })

  it.live("fills the emulator with all that it names", () =>
    inFolder((folder) =>
      Effect.gen(function*() {
        const token = "ann-token"
        assert.deepStrictEqual(yield* json("/users/me", { token }), {
          kind: "user",
          name: "ann",
          fullName: "Ann",
          contactEmail: "ann@example.org",
          orcid: "0000"
        })
        assert.strictEqual((yield* call("/users/me", { token: "old-token" })).status, 401)
        const dataset = yield* json("/datasets/lab.births", { token })
        assert.deepStrictEqual(
          [
            dataset.referenceId,
            dataset.doi,
            dataset.owner,
            dataset.methodologyMarkdown,
            dataset.links,
            dataset.temporalRange
          ],
          [
            "brth",
            "10.1/x",
            { kind: "organization", name: "lab", fullName: "Lab", ror: "https://ror.org/x" },
            "# How",
            whole.datasets[0]!.links,
            // to the last millisecond of 1970
            [0, 31_535_999_999]
          ]
        )
        assert.deepStrictEqual([dataset.temporalPrecision, dataset.geoBBox.northLatitude, dataset.nextVersion.label], [
          "year",
          2,
          "Draft"
        ])
        const { results } = yield* json("/datasets/lab.births/versions", { token })
        assert.deepStrictEqual(results.map(({ tag }: any) => tag)[0], "next")
        assert.strictEqual(results.length, 3)
        const first = yield* json("/datasets/lab.births/versions/v1.0", { token })
        assert.deepStrictEqual([first.label, first.releaseNotes], ["One", "first"])
        const tables = (version: string) =>
          Effect.map(
            json(`/datasets/lab.births:${version}/tables`, { token }),
            ({ results }) => results.map(({ name, numRows }: any) => [name, numRows])
          )
        assert.sameDeepMembers(yield* tables("v1.0"), [["Births", 2], ["Gone", 1]])
        assert.sameDeepMembers(yield* tables("current"), [["Births", 3], ["Typed", 1]])
        assert.sameDeepMembers(yield* tables("next"), [["Births", 3], ["Typed", 1], ["Empty", 0]])
        const variable = yield* json("/tables/lab.births.births/variables/year")
        assert.deepStrictEqual([variable.label, variable.valueLabels], ["Year", [{
          value: "2020",
          label: "then"
        }]])
        const typed = yield* call("/tables/lab.births.typed/rows", { token })
        assert.deepStrictEqual(Object.values(JSON.parse(typed.text)), ["2020-01-02", "2020-01-02 03:04:05"])
        const bob = yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.makeToken({ user: "bob" }))
        assert.strictEqual((yield* call("/tables/lab.births.births/rows", { token: bob })).status, 200)
        assert.strictEqual((yield* call("/tables/lab.births.births/rows", { token: null })).status, 401)
        const out = yield* call("/tables/ann.work.out/rows?format=ndjson", { token: null })
        assert.sameMembers(out.text.trim().split("\n"), ["[\"1\"]", "[\"2\"]"])
        assert.strictEqual((yield* json("/tables/ann.work.out")).container.kind, "workflow")
        assert.strictEqual((yield* json("/datasets/ann.nothing", { token })).version.tag, "next")
      }).pipe(Effect.provide(Emulator.layer({ seed: write(folder, whole) })))
    ), 60_000)

  const table = { name: "T", rows: [{ a: 1 }] }

  /** What is beside a user and a token that would do. */
  const refusals: ReadonlyArray<readonly [string, object]> = [
    ["datasets[0].publicAccessLevel", { datasets: [{ owner: "ann", name: "d", publicAccessLevel: "everything" }] }],
    ["datasets[0].surprise", { datasets: [{ owner: "ann", name: "d", surprise: true }] }],
    ["organizations[0].name", { organizations: [{ name: "with space" }] }],
    ["datasets[0].tables[1].file", {
      datasets: [{ owner: "ann", name: "d", tables: [table, { name: "U", file: "absent.csv" }] }]
    }],
    ["datasets[0].tables[0]", {
      datasets: [{ owner: "ann", name: "d", tables: [{ ...table, text: "a", type: "delimited" }] }]
    }],
    ["datasets[0].tables[0].type", { datasets: [{ owner: "ann", name: "d", tables: [{ name: "T", text: "a" }] }] }],
    ["datasets[0]", { datasets: [{ owner: "ann", name: "d", tables: [table], versions: [] }] }],
    ["datasets[0].versions[0].released", {
      datasets: [{ owner: "ann", name: "d", versions: [{ released: false }, {}] }]
    }],
    ["datasets[0].versions[1].tables[0].remove", {
      datasets: [{
        owner: "ann",
        name: "d",
        versions: [{ tables: [table] }, { tables: [{ name: "Never", remove: true }] }]
      }]
    }],
    ["datasets[0].tables[0].rows", {
      datasets: [{
        owner: "ann",
        name: "d",
        tables: [{ name: "T", variables: [{ name: "d", type: "date" }], rows: [{ d: "no date" }] }]
      }]
    }],
    ["datasets[0].tables[0].text", {
      datasets: [{ owner: "ann", name: "d", tables: [{ name: "T", text: "no parquet", type: "parquet" }] }]
    }],
    ["datasets[0].tables[0].variables", {
      datasets: [{
        owner: "ann",
        name: "d",
        tables: [{ name: "T", text: "a\n1\n", type: "delimited", variables: [{ name: "b", label: "B" }] }]
      }]
    }],
    ["datasets[0].access[0]", { datasets: [{ owner: "ann", name: "d", access: [{ user: "nobody", level: "data" }] }] }],
    ["datasets[0]", { datasets: [{ owner: "nobody", name: "d" }] }],
    ["workflows[0].tables[0]", {
      workflows: [{ owner: "ann", name: "w", tables: [{ name: "T", text: "no parquet", type: "parquet" }] }]
    }],
    ["workflows[0].dataSources[0]", {
      workflows: [{ owner: "ann", name: "w", dataSources: [{ sourceDataset: "ann.nothing" }] }]
    }],
    ["workflows[0].dataSources[1]", {
      workflows: [{ owner: "ann", name: "w", dataSources: [{ sourceWorkflow: "ann.v" }, {}] }]
    }],
    ["workflows[0].parameters[0]", {
      workflows: [{ owner: "ann", name: "w", parameters: [{ name: "p", type: "integer", values: ["no"] }] }]
    }],
    ["workflows[0].transforms[0].sourceTable", {
      workflows: [{ owner: "ann", name: "w", transforms: [{ name: "t", sourceTable: "nothing" }] }]
    }],
    ["workflows[0].notebooks[1]", {
      workflows: [{ owner: "ann", name: "w", notebooks: [{ name: "n" }, { name: "N" }] }]
    }],
    ["organizations[0].members[0].user", { organizations: [{ name: "lab", members: [{ user: "nobody" }] }] }],
    ["tokens[0].user", { tokens: [{ text: "a", user: "nobody" }] }],
    ["secrets[0].owner", { secrets: [{ owner: "nobody", name: "s", value: "v" }] }]
  ]

  it.live(
    "that does not fit is refused by its path, and nothing of it is there",
    () =>
      inFolder((folder) =>
        Effect.gen(function*() {
          const emulator = yield* Emulator.Emulator
          const sound = { users: [{ name: "ann" }], tokens: [{ text: "ann-token", user: "ann" }] }
          for (const [path, wrong] of refusals) {
            // as a file of JSON may hold it
            const seed = { ...sound, ...wrong } as Seed.Seed
            const refused = yield* Effect.flip(emulator.seed(seed, { directory: folder }))
            assert.strictEqual(refused.path, path, refused.message)
            assert.include(refused.message, "Nothing was seeded")
            assert.strictEqual((yield* call("/users/ann/datasets")).status, 404, path)
            assert.strictEqual((yield* call("/users/me", { token: "ann-token" })).status, 401, path)
          }
          // and the emulator is as good as before
          yield* emulator.seed(sound)
          assert.strictEqual((yield* call("/users/me", { token: "ann-token" })).status, 200)
        }).pipe(Effect.provide(Emulator.layer()))
      ),
    120_000
  )

  it.live("is not taken twice into data that are kept", () =>
    inFolder((folder) =>
      Effect.gen(function*() {
        const options = { data: Path.join(folder, "data"), seed: write(folder, whole) }
        const names = Effect.map(json("/users/researcher/datasets"), ({ results }) =>
          results.map(({ name }: any) => name))
        const create = json("/users/researcher/datasets", {
          method: "POST",
          json: { name: "Kept", publicAccessLevel: "none" }
        })
        yield* create.pipe(Effect.provide(Emulator.layer(options)))
        assert.deepStrictEqual(yield* names.pipe(Effect.provide(Emulator.layer(options))), ["Kept"])
      })
    ), 60_000)
})

describe("tokens beside a seed", () => {
  it.live(
    "are taken also where the seed is not, all of them or none",
    () =>
      inFolder((folder) =>
        Effect.gen(function*() {
          const options = { data: Path.join(folder, "data"), seed: { users: [{ name: "ann" }] } }
          const me = (token: string) => Effect.map(call("/users/me", { token }), ({ status }) => status)
          yield* me("later").pipe(Effect.provide(Emulator.layer(options)))
          const refused = yield* Effect.flip(Effect.scoped(Emulator.make({
            ...options,
            tokens: [{ text: "first", user: "ann" }, { text: "second", user: "nobody" }]
          })))
          assert.deepInclude(refused, { _tag: "TokensRefused", path: "[1].user" })
          const tokens = [{ text: "later", user: "ann", scopes: ["data.overview" as const] }]
          const statuses = Effect.all([me("later"), me("first")])
          assert.deepStrictEqual(yield* statuses.pipe(Effect.provide(Emulator.layer({ ...options, tokens }))), [
            200,
            401
          ])
        })
      ),
    60_000
  )

  it.live("are a list in a file of JSON", () =>
    inFolder((folder) =>
      Effect.gen(function*() {
        const tokens = Path.join(folder, "tokens.json")
        Fs.writeFileSync(tokens, "{}")
        const object = yield* Effect.flip(Effect.scoped(Emulator.make({ tokens })))
        assert.deepInclude(object, { _tag: "TokensRefused", path: "" })
        Fs.writeFileSync(tokens, "[")
        const broken = yield* Effect.flip(Effect.scoped(Emulator.make({ tokens })))
        assert.include(broken.message, "tokens.json cannot be read as JSON")
      })
    ))

  it.live("makes the files of an index, inline and from beside it", () =>
    inFolder((folder) =>
      Effect.gen(function*() {
        Fs.writeFileSync(Path.join(folder, "b.bin"), new Uint8Array([1, 2, 3]))
        const seed = (files: ReadonlyArray<Seed.RawFile>): Seed.Seed => ({
          users: [{ name: "ann" }],
          datasets: [{
            owner: "ann",
            name: "scans",
            publicAccessLevel: "data",
            tables: [{ name: "files", isFileIndex: true, files }]
          }]
        })
        const emulator = yield* Emulator.Emulator
        const missing = yield* Effect.flip(emulator.seed(seed([{ name: "b", file: "c.bin" }]), { directory: folder }))
        assert.strictEqual(missing.path, "datasets[0].tables[0].files[0].file")
        yield* emulator.seed(seed([{ name: "a.txt", text: "one" }, { name: "b", file: "b.bin" }]), {
          directory: folder
        })
        const { text } = yield* call("/tables/ann.scans.files/rows?format=csv&selectedVariables=file_id")
        const [, first, second] = text.split("\n")
        assert.strictEqual((yield* call(`/rawFiles/${first}`)).text, "one")
        assert.deepStrictEqual([...(yield* call(`/rawFiles/${second}`)).bytes], [1, 2, 3])
      })
    ).pipe(Effect.provide(Emulator.layer())))
})
