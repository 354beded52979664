/**
 * The official JavaScript client as it is, from npm, against the emulator: all
 * that is public in it is run, and the last test fails where something was not.
 * Without a token it would sign in by a browser: at redivis.com itself, or, on
 * Node, at an https endpoint alone, which the emulator is not.
 */
import { afterAll, assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import * as official from "redivis"
import * as Emulator from "../src/Emulator.ts"
import { json } from "./server/harness.ts"

/** What was run, as `Dataset.get`, and all that there is. */
const run = new Set<string>()
const existing = new Set<string>()

/** Notes each function of an object as it is called, and calls it. */
const watch = (name: string, target: object): void => {
  for (const key of Object.getOwnPropertyNames(target)) {
    const own: unknown = Reflect.get(target, key)
    if (key === "constructor" || typeof own !== "function") continue
    const full = `${name}.${key}`
    existing.add(full)
    Object.defineProperty(target, key, {
      configurable: true,
      value(this: unknown, ...parameters: ReadonlyArray<unknown>): unknown {
        run.add(full)
        return Reflect.apply(own, this, parameters)
      }
    })
  }
}

const client = { ...official }
watch("redivis", client)

const classes = new Map<string, object>()

/** Watches the class that a value is of. */
const watchClassOf = (value: object): void => {
  const prototype: object = Object.getPrototypeOf(value)
  const { name } = prototype.constructor
  if (classes.has(name)) return
  classes.set(name, prototype)
  watch(name, prototype)
}

/** The client has no types. */
const promised = (promise: () => Promise<any>): Effect.Effect<any> => Effect.promise(promise)

/** What a call is refused with. */
const refusal = (promise: () => Promise<unknown>): Effect.Effect<any> =>
  Effect.promise(() =>
    promise().then(
      () => {
        throw new Error("it should fail")
      },
      (error: unknown) => error
    )
  )

const day = { integer: 1, float: 0.5, text: "Größe", flag: true, date: "2020-01-02", time: "03:04:05.5" }

const seed = {
  organizations: [{ name: "lab", members: [{ user: "researcher", isAdmin: true }] }],
  datasets: [
    {
      owner: "lab",
      name: "Penguins",
      versions: [
        { tables: [{ name: "Birds", rows: [{ species: "Adelie", mass: 3750 }, { species: "Gentoo", mass: 5700 }] }] },
        {
          tables: [{
            name: "Days",
            variables: [
              { name: "integer", type: "integer" },
              { name: "float", type: "float" },
              { name: "text", type: "string" },
              { name: "flag", type: "boolean" },
              { name: "date", type: "date" },
              { name: "time", type: "time" },
              { name: "at", type: "dateTime" }
            ],
            rows: [
              { ...day, at: "2020-01-02T03:04:05.250" },
              { integer: null, float: null, text: null, flag: null, date: null, time: null, at: null }
            ]
          }]
        }
      ]
    },
    ...Array.from({ length: 101 }, (_, index) => ({ owner: "lab", name: `Empty ${index}` }))
  ],
  workflows: [{
    owner: "researcher",
    name: "Study",
    tables: [{ name: "Weights", rows: [{ weight: 1.5 }, { weight: 2.5 }] }]
  }]
} as const

const variables = ["REDIVIS_API_ENDPOINT", "REDIVIS_API_TOKEN"]

const before = variables.map((name) => process.env[name])

afterAll(() => {
  variables.forEach((name, index) => {
    const value = before[index]
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  })
})

layer(Emulator.layer({ seed, streamRows: 1 }), { excludeTestServices: true })(
  "the official JavaScript client",
  (it) => {
    const dataset = (name = "Penguins", options: object = {}): any => client.organization("lab").dataset(name, options)

    it.effect("signs in with a token, and out", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        process.env["REDIVIS_API_ENDPOINT"] = emulator.baseUrl
        delete process.env["REDIVIS_API_TOKEN"]
        for (
          const value of [
            client.organization("lab"),
            client.user("researcher"),
            client.query("select 1"),
            official.organization("lab").dataset("Penguins"),
            official.organization("lab").dataset("Penguins").table("Birds"),
            official.organization("lab").dataset("Penguins").table("Birds").variable("mass"),
            official.user("researcher").project("Study")
          ]
        ) {
          watchClassOf(value)
        }
        assert.isFalse(yield* promised(() => client.isAuthorized()))
        yield* promised(() => client.authorize({ apiToken: emulator.token }))
        assert.isTrue(yield* promised(() => client.isAuthorized()))
        // the first request keeps the token for all others
        assert.isTrue(yield* promised(() => dataset().exists()))
        assert.strictEqual((yield* emulator.requests).at(-1)?.user, "researcher")
        yield* promised(() => client.deauthorize())
        assert.isFalse(yield* promised(() => client.isAuthorized()))
      }))

    it.effect("makes datasets, reads and changes them, and deletes them", () =>
      Effect.gen(function*() {
        const birds = dataset("Birds of 2020")
        assert.isFalse(yield* promised(() => birds.exists()))
        yield* promised(() => birds.create({ publicAccessLevel: "overview", description: "Many" }))
        assert.isTrue(yield* promised(() => birds.exists()))
        assert.strictEqual(birds.getProperty("publicAccessLevel"), "overview")
        assert.strictEqual(birds.getProperty("owner").kind, "organization")
        assert.include(birds.toString(), "\"Birds of 2020\"")
        yield* promised(() => birds.update({ name: "Birds of 2021", description: "More", publicAccessLevel: "data" }))
        assert.strictEqual(birds.getProperty("name"), "Birds of 2021")
        const read = yield* promised(() => dataset("Birds of 2021").get())
        assert.deepStrictEqual(
          [read.getProperty("description"), read.getProperty("publicAccessLevel")],
          ["More", "data"]
        )
        yield* promised(() => read.delete())
        assert.isFalse(yield* promised(() => dataset("Birds of 2021").exists()))
        const gone = yield* refusal(() => dataset("Birds of 2021").get())
        assert.strictEqual(gone.status, 404)
        assert.match(gone.message, /Birds of 2021/)
        const mine = client.user("researcher").dataset("Mine")
        yield* promised(() => mine.create())
        assert.strictEqual(mine.getProperty("owner").name, "researcher")
        const twice = yield* refusal(() => client.user("researcher").dataset("Mine").create())
        assert.strictEqual(twice.status, 400)
      }))

    it.effect("lists an organization's datasets over pages", () =>
      Effect.gen(function*() {
        const all: ReadonlyArray<any> = yield* promised(() => client.organization("lab").listDatasets())
        assert.strictEqual(all.length, 102)
        const some: ReadonlyArray<any> = yield* promised(() =>
          client.organization("lab").listDatasets({ maxResults: 3 })
        )
        assert.strictEqual(some.length, 3)
        const whole = yield* promised(() => some[0].get())
        assert.strictEqual(whole.getProperty("owner").name, "lab")
      }))

    it.effect("lists versions and reads each", () =>
      Effect.gen(function*() {
        const versions: ReadonlyArray<any> = yield* promised(() => dataset().listVersions())
        versions.forEach(watchClassOf)
        assert.deepStrictEqual(new Set(versions.map(({ tag }) => tag)), new Set(["v1.0", "v1.1"]))
        for (const version of versions) {
          assert.isUndefined(version.getProperty("tag"))
          const read = yield* promised(() => version.get())
          assert.deepInclude(read.properties, { tag: version.tag, isReleased: true })
          // its own mistake: it asks for a variable that is not there
          assert.throws(() => version.getProperty("tag"), ReferenceError)
        }
      }))

    it.effect("makes the next version and releases it", () =>
      Effect.gen(function*() {
        const made = yield* promised(() => dataset().createNextVersion())
        assert.strictEqual(made.getProperty("nextVersion").tag, "next")
        yield* promised(() => dataset().createNextVersion({ ignoreIfExists: true }))
        assert.match((yield* refusal(() => dataset().createNextVersion())).message, /^Next version already exists at/)
        const early = yield* refusal(() => dataset().release())
        assert.strictEqual(early.status, 400)
        yield* json("/tables/lab.penguins:next.birds", { method: "PATCH", json: { description: "Of Palmer" } })
        const released = yield* promised(() => dataset().release())
        assert.isNull(released.getProperty("nextVersion"))
        assert.strictEqual((yield* promised(() => dataset().listVersions())).length, 3)
      }))

    it.effect("lists tables, reads one, and its variables", () =>
      Effect.gen(function*() {
        const tables: ReadonlyArray<any> = yield* promised(() => dataset().listTables())
        assert.deepStrictEqual(new Set(tables.map(({ name }) => name)), new Set(["Birds", "Days"]))
        const birds = dataset().table("Birds")
        assert.isTrue(yield* promised(() => birds.exists()))
        assert.isFalse(yield* promised(() => dataset().table("Nothing").exists()))
        yield* promised(() => birds.get())
        assert.strictEqual(birds.getProperty("numRows"), 2)
        assert.include(birds.toString(), "\"container\"")
        const variables: ReadonlyArray<any> = yield* promised(() => birds.listVariables())
        assert.deepStrictEqual(variables.map(({ name, type }) => [name, type]), [["species", "string"], [
          "mass",
          "integer"
        ]])
        assert.strictEqual((yield* promised(() => birds.listVariables({ maxResults: 1 }))).length, 1)
        const mass = birds.variable("mass")
        assert.isTrue(yield* promised(() => mass.exists()))
        assert.isFalse(yield* promised(() => birds.variable("nothing").exists()))
        yield* promised(() => mass.get())
        assert.deepStrictEqual([mass.getProperty("name"), mass.getProperty("type")], ["mass", "integer"])
        assert.include(mass.toString(), "\"integer\"")
        assert.strictEqual((yield* promised(() => variables[0].get())).getProperty("name"), "species")
      }))

    it.effect("reads rows, all or some, at once or by a session, of a version or of the sample", () =>
      Effect.gen(function*() {
        const birds = [{ species: "Adelie", mass: 3750 }, { species: "Gentoo", mass: 5700 }]
        assert.deepStrictEqual(yield* promised(() => dataset().table("Birds").listRows()), birds)
        assert.deepStrictEqual(yield* promised(() => dataset().table("Birds").listRows(1)), birds.slice(0, 1))
        assert.deepStrictEqual(
          yield* promised(() => dataset().table("Birds").listRows({ maxResults: 5, variables: ["MASS"] })),
          birds.map(({ mass }) => ({ mass }))
        )
        assert.deepStrictEqual(
          yield* promised(() => dataset("Penguins", { version: "v1.0" }).table("Birds").listRows()),
          birds
        )
        const sample: ReadonlyArray<unknown> = yield* promised(() =>
          dataset().table("Birds", { sample: true }).listRows()
        )
        assert.isAtMost(sample.length, 2)
        const large = yield* promised(() => dataset().table("Birds").get())
        large.properties.numBytes = 2e8
        assert.deepStrictEqual(yield* promised(() => large.listRows({ variables: ["mass", "species"] })), birds)
        const emulator = yield* Emulator.Emulator
        const requests = yield* emulator.requests
        assert.deepStrictEqual(requests.slice(-2).map(({ operation }) => operation), [
          "readSessions.postByTable",
          "readSessions.getStream"
        ])
        const wrong = yield* refusal(() => dataset().table("Birds").listRows({ variables: ["nothing"] }))
        assert.match(wrong.message, /was not found in this table/)
      }))

    it.effect("reads values of every type, and what is missing", () =>
      Effect.gen(function*() {
        const [first, second]: ReadonlyArray<any> = yield* promised(() => dataset().table("Days").listRows())
        assert.deepStrictEqual(first, {
          ...day,
          date: new Date("2020-01-02T00:00:00Z"),
          time: 11_045.5,
          at: new Date("2020-01-02T03:04:05.250Z")
        })
        assert.deepStrictEqual(Object.values(second), [null, null, null, null, null, null, null])
      }))

    it.effect("runs SQL, with a default dataset, a default project, or none", () =>
      Effect.gen(function*() {
        const mean = client.query("select count(*) as n, avg(mass) as mean from `lab.penguins.birds`")
        assert.deepStrictEqual(yield* promised(() => mean.listRows()), [{ n: 2, mean: 4725 }])
        assert.strictEqual(mean.getProperty("status"), "completed")
        assert.include(mean.toString(), "\"completed\"")
        const variables: ReadonlyArray<any> = yield* promised(() => mean.listVariables())
        assert.deepStrictEqual(variables.map(({ name }) => name), ["n", "mean"])
        const again = yield* promised(() => mean.get())
        assert.strictEqual(again.getProperty("outputNumRows"), 1)
        const inDataset = dataset().query("select species from birds order by species")
        assert.deepStrictEqual(yield* promised(() => inDataset.listRows(1)), [{ species: "Adelie" }])
        const inProject = client.user("researcher").project("Study").query("select sum(weight) as s from weights")
        assert.deepStrictEqual(yield* promised(() => inProject.listRows()), [{ s: 4 }])
        const failed = yield* refusal(() => client.query("select * from nothing").listRows())
        assert.instanceOf(failed, Error)
      }))

    it.effect(
      "reads an ordered result in order, by rows and by a session, however many streams are asked for",
      () =>
        Effect.gen(function*() {
          const wanted = Array.from({ length: 500 }, (_, index) => ({ n: 500 - index }))
          for (
            const sql of [
              "select n from unnest(generate_array(1, 500)) as n order by n desc",
              "(select n from unnest(generate_array(1, 500)) as n order by 1 desc)"
            ]
          ) {
            const ordered = client.query(sql)
            assert.deepStrictEqual(
              yield* promised(() => ordered.listRows()),
              wanted
            )
            // large results are read by a session
            ordered.properties.outputNumBytes = 2e8
            assert.deepStrictEqual(yield* promised(() => ordered.listRows()), wanted)
            const session = yield* json(`${ordered.uri}/readSessions`, {
              method: "POST",
              json: { requestedStreamCount: 8 }
            })
            assert.strictEqual(session.streams.length, 1)
          }
          const unordered = client.query(
            "select n from (select n from unnest(generate_array(1, 500)) as n order by n) as s"
          )
          yield* promised(() => unordered.listRows())
          const session = yield* json(`${unordered.uri}/readSessions`, {
            method: "POST",
            json: { requestedStreamCount: 8 }
          })
          assert.strictEqual(session.streams.length, 8)
        }),
      30_000
    )

    it.effect("knows a workflow as a project, and reads its tables", () =>
      Effect.gen(function*() {
        const project = client.user("researcher").project("Study")
        const tables: ReadonlyArray<any> = yield* promised(() =>
          project.listTables({ maxResults: 5, includeDatasetTables: true })
        )
        assert.deepStrictEqual(tables.map(({ name }) => name), ["Weights"])
        assert.sameDeepMembers(yield* promised(() => project.table("Weights").listRows()), [{ weight: 1.5 }, {
          weight: 2.5
        }])
        assert.isUndefined(project.getProperty("name"))
      }))

    it.effect("asks through a proxy, which has its own headers", () =>
      Effect.gen(function*() {
        const emulator = yield* Emulator.Emulator
        const token = yield* emulator.makeToken({ user: "researcher" })
        client.setApiProxy(emulator.baseUrl, { headers: { Authorization: `Bearer ${token}` } })
        assert.isTrue(yield* promised(() => dataset().exists()))
        assert.throws(() => client.setApiProxy({}), /baseUrl must be provided/)
      }))

    it.effect("has nothing public that was not run", () =>
      Effect.sync(() => {
        const source = Fs.readFileSync(fileURLToPath(import.meta.resolve("redivis")), "utf8")
        const declared = [...source.matchAll(/^class (\w+)/gm)].map(([, name]) => name!)
        assert.isAbove(declared.length, 0)
        assert.deepStrictEqual([...classes.keys()].toSorted(), declared.toSorted())
        assert.deepStrictEqual([...existing].filter((name) => !run.has(name)), [])
      }))
  }
)
