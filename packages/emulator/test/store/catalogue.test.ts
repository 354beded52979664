import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { Store } from "../../src/store/Store.ts"
import * as StoreDuckDB from "../../src/store/StoreDuckDB.ts"
import { bytesOf, makeDataset, makeTable, read, reload, unique, upload } from "./fixtures.ts"

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => "reason" in error ? String(error.reason) : error._tag)

layer(StoreDuckDB.layer())("accounts", (it) => {
  it.effect("are found without regard to case, and share their names", () =>
    Effect.gen(function*() {
      const store = yield* Store
      yield* store.accounts.putUser({ name: "Ada", fullName: "Ada L", contactEmail: "a@example.org", orcid: "0000" })
      yield* store.accounts.putOrganization({ name: "Demo", ror: "ror", doiPrefix: "10.1" })
      assert.deepStrictEqual(yield* store.accounts.get("ADA"), {
        kind: "user",
        name: "Ada",
        fullName: "Ada L",
        contactEmail: "a@example.org",
        orcid: "0000"
      })
      assert.strictEqual((yield* store.accounts.getOrganization("demo")).fullName, "Demo")
      assert.strictEqual(yield* tagOf(store.accounts.getUser("demo")), "StoreNotFound")
      assert.strictEqual(yield* tagOf(store.accounts.putOrganization({ name: "ada" })), "nameTaken")
      assert.strictEqual(yield* tagOf(store.accounts.putUser({ name: "a b" })), "StoreInvalid")
      yield* store.accounts.putUser({ name: "ada", fullName: "Ada Lovelace" })
      assert.deepStrictEqual((yield* store.accounts.list).map(({ fullName }) => fullName), ["Ada Lovelace", "Demo"])
    }))

  it.effect("have members with a status, labels and comments", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const organization = yield* store.accounts.putOrganization({ name: unique("org") })
      const [one, two] = yield* Effect.forEach([unique("u"), unique("u")], (name) => store.accounts.putUser({ name }))
      yield* TestClock.adjust("1 minute")
      const pending = yield* store.members.put(organization.name, one!.name, {
        status: "pending",
        labels: ["team:a", "x"]
      })
      assert.deepStrictEqual([pending.status, pending.approvedAt, pending.submittedAt], ["pending", null, 60_000])
      yield* TestClock.adjust("1 minute")
      const approved = yield* store.members.put(organization.name, one!.name, { status: "approved" })
      assert.deepStrictEqual([approved.approvedAt, approved.labels], [120_000, ["team:a", "x"]])
      yield* store.members.put(organization.name, two!.name, { isAdmin: true })
      const names = (filter?: { statuses?: Array<string>; labels?: Array<string> }) =>
        Effect.map(store.members.list(organization.name, filter), (members) => members.map(({ user }) => user.name))
      assert.deepStrictEqual(yield* names(), [one!.name, two!.name])
      assert.deepStrictEqual(yield* names({ labels: ["Team"] }), [one!.name])
      assert.deepStrictEqual(yield* names({ labels: ["tea"] }), [])
      assert.deepStrictEqual(yield* names({ statuses: ["rejected", "left"] }), [])
      assert.deepStrictEqual((yield* store.members.ofUser(two!.name)).map(({ isAdmin }) => isAdmin), [true])
      assert.strictEqual(yield* tagOf(store.members.get(organization.name, "nobody")), "StoreNotFound")
      yield* store.members.addComment(organization.name, one!.name, { author: "admin", text: "hello" })
      assert.deepStrictEqual((yield* store.members.comments(organization.name, one!.name)).map(({ text }) => text), [
        "hello"
      ])
    }))

  it.effect("have tokens, of which only a digest is kept, and secrets", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { name } = yield* store.accounts.putUser({ name: unique("u") })
      const token = yield* store.tokens.put({ text: "very secret", user: name, scopes: ["data.data"], expiresAt: 5 })
      assert.deepStrictEqual(yield* store.tokens.find("very secret"), token)
      assert.deepStrictEqual([token.user, token.scopes, token.expiresAt], [name, ["data.data"], 5])
      const changed = yield* store.tokens.put({ text: "very secret", user: name, scopes: [] })
      assert.deepStrictEqual([changed.scopes, changed.expiresAt], [[], null])
      const unknown = yield* Effect.flip(store.tokens.find("Very secret"))
      assert.notInclude(JSON.stringify(unknown) + unknown.message, "ery secret")
      yield* store.tokens.remove(changed.id)
      assert.strictEqual(yield* tagOf(store.tokens.find("very secret")), "StoreNotFound")
      yield* store.secrets.put(name, "key", "1")
      yield* store.secrets.put(name.toUpperCase(), "key", "2")
      assert.strictEqual((yield* store.secrets.get(name, "key")).value, "2")
      assert.strictEqual(yield* tagOf(store.secrets.get(name, "Key")), "StoreNotFound")
    }))
})

layer(StoreDuckDB.layer())("look-ups", (it) => {
  it.effect("take a name in any spelling of its normal form, or an id, which wins", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { name: owner } = yield* store.accounts.putUser({ name: unique("Owner") })
      const made = yield* store.datasets.create(owner, { name: "GHCN Daily  Weather-Data" })
      const id = made.dataset.referenceId
      assert.match(id, /^[a-z0-9]{4}$/)
      for (
        const lookup of [
          { owner, name: "ghcn_daily_weather_data" },
          { owner: owner.toUpperCase(), name: "GHCN.Daily Weather Data" },
          { owner, name: "whatever", id },
          { owner, id }
        ]
      ) {
        assert.strictEqual((yield* store.datasets.get(lookup)).dataset.id, made.dataset.id)
      }
      assert.strictEqual(yield* tagOf(store.datasets.get({ owner, name: "ghcn" })), "StoreNotFound")
      assert.strictEqual(
        yield* tagOf(store.datasets.get({ owner, name: made.dataset.name, id: "zzzz" })),
        "StoreNotFound"
      )
      assert.strictEqual(yield* tagOf(store.datasets.get({ name: "x" })), "StoreInvalid")
      const strict = { strict: true }
      assert.strictEqual(yield* tagOf(store.datasets.get({ owner, name: "whatever", id }, strict)), "StoreNotFound")
      assert.strictEqual(
        (yield* store.datasets.get({ owner, name: made.dataset.name, id }, strict)).dataset.id,
        made.dataset.id
      )
      assert.strictEqual(
        yield* tagOf(store.datasets.get({ owner, name: made.dataset.name }, { exact: true })),
        "StoreNotFound"
      )
    }))

  it.effect("find datasets under their ids after they were renamed, and refuse names that are taken", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { dataset } = yield* makeDataset
      const owner = dataset.owner.name
      const renamed = yield* store.datasets.update(dataset.id, { name: "Other name" })
      assert.strictEqual(renamed.dataset.referenceId, dataset.referenceId)
      assert.strictEqual(yield* tagOf(store.datasets.get({ owner, name: dataset.name })), "StoreNotFound")
      assert.strictEqual(
        (yield* store.datasets.get({ owner, name: dataset.name, id: dataset.referenceId })).dataset.name,
        "Other name"
      )
      assert.strictEqual(yield* tagOf(store.datasets.create(owner, { name: "other-NAME" })), "nameTaken")
      assert.strictEqual(yield* tagOf(store.datasets.create(owner, { name: " - " })), "StoreInvalid")
      assert.strictEqual(yield* tagOf(store.datasets.create("nobody", { name: "x" })), "StoreNotFound")
      assert.strictEqual((yield* store.datasets.update(dataset.id, { name: "Other Name" })).dataset.name, "Other Name")
    }))

  it.effect("find tables of datasets, and of workflows where no dataset has the name", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { name: owner } = yield* store.accounts.putUser({ name: unique("owner") })
      const at = yield* store.datasets.create(owner, { name: "data" })
      const table = yield* store.tables.create(at, { name: "My Table", description: "d", isFileIndex: true })
      const workflow = yield* store.workflows.create(owner, { name: "flow", study: "s" })
      const made = yield* store.workflows.putTable(workflow.id, {
        name: "result",
        fileName: "x.csv",
        bytes: bytesOf("a\n1\n")
      })
      const container = { owner, name: "data" }
      assert.strictEqual((yield* store.tables.get({ container, name: "my_table" })).id, table.id)
      assert.strictEqual((yield* store.tables.get({ container, id: table.referenceId })).id, table.id)
      assert.deepStrictEqual([table.description, table.isFileIndex, table.uploadMergeStrategy], ["d", true, "append"])
      assert.strictEqual(yield* tagOf(store.tables.get({ container, name: "result" })), "StoreNotFound")
      assert.strictEqual(yield* tagOf(store.tables.get({ container, name: "other" })), "StoreNotFound")
      assert.strictEqual(yield* tagOf(store.tables.create(at, { name: "my-table" })), "nameTaken")
      const found = yield* store.tables.get({ container: { owner, name: "FLOW" }, name: "RESULT" })
      assert.deepStrictEqual([found.id, found.container.kind, found.numRows], [made.id, "workflow", 1])
      assert.strictEqual(yield* read({ kind: "table", table: found }, "csv"), "a\n1\n")
      assert.strictEqual(
        yield* tagOf(store.tables.get({ container: { owner, name: "flow", version: "v1.0" }, name: "result" })),
        "StoreNotFound"
      )
      assert.deepStrictEqual((yield* store.tables.listOfWorkflow(workflow.id)).map(({ id }) => id), [made.id])
      assert.deepStrictEqual((yield* store.workflows.list(owner)).map(({ tableCount }) => tableCount), [1])
      yield* store.workflows.remove(workflow.id)
      assert.strictEqual(yield* tagOf(store.workflows.getById(workflow.id)), "StoreNotFound")
      const broken = yield* store.workflows.create(owner, { name: "flow" })
      assert.strictEqual(
        yield* tagOf(store.workflows.putTable(broken.id, { name: "t", fileName: "t.csv", bytes: bytesOf("a,b\n1\n") })),
        "ImportFailed"
      )
    }))

  it.effect("list in the order in which things were made", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { name: owner } = yield* store.accounts.putOrganization({ name: unique("org") })
      for (const [index, name] of ["c", "a", "b"].entries()) {
        const at = yield* store.datasets.create(owner, { name, labels: index === 1 ? ["kind:x"] : ["y"] })
        for (const table of ["2", "1"]) yield* store.tables.create(at, { name: table })
      }
      const all = yield* store.datasets.list(owner)
      assert.deepStrictEqual(all.map(({ dataset, tableCount }) => [dataset.name, tableCount]), [["c", 2], ["a", 2], [
        "b",
        2
      ]])
      assert.deepStrictEqual(
        (yield* store.datasets.list(owner, { labels: ["kind"] })).map(({ dataset }) => dataset.name),
        ["a"]
      )
      assert.deepStrictEqual((yield* store.tables.list(all[0]!)).map(({ name }) => name), ["2", "1"])
      assert.strictEqual(yield* tagOf(store.datasets.list("nobody")), "StoreNotFound")
    }))

  it.effect("keep what a dataset is told, and unset what is null", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { name: owner } = yield* store.accounts.putUser({ name: unique("owner") })
      const links = [{ title: "a", url: "b" }]
      const made = yield* store.datasets.create(owner, {
        name: "d",
        publicAccessLevel: "overview",
        description: "text",
        labels: ["l"],
        referenceId: "ab12",
        documentation: { links, methodologyMarkdown: "# m" }
      })
      assert.deepStrictEqual(
        [made.dataset.publicAccessLevel, made.dataset.description, made.dataset.labels, made.dataset.referenceId],
        ["overview", "text", ["l"], "ab12"]
      )
      const changed = yield* store.datasets.update(made.dataset.id, {
        description: null,
        documentation: { methodologyMarkdown: null, usageMarkdown: "u" }
      })
      const { dataset } = changed
      assert.deepStrictEqual(
        [dataset.description, dataset.methodologyMarkdown, dataset.usageMarkdown, dataset.links, dataset.labels],
        [null, null, "u", links, ["l"]]
      )
      assert.strictEqual(yield* tagOf(store.datasets.create(owner, { name: "e", referenceId: "ab12" })), "StoreInvalid")
      assert.strictEqual(yield* tagOf(store.datasets.create(owner, { name: "e", referenceId: "next" })), "StoreInvalid")
    }))

  it.effect("know who was granted what", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { dataset } = yield* makeDataset
      const { name } = yield* store.accounts.putUser({ name: unique("guest") })
      assert.strictEqual(yield* store.grants.get(dataset.id, name), "none")
      yield* store.grants.put(dataset.id, name, "data")
      yield* store.grants.put(dataset.id, name, "edit")
      assert.deepStrictEqual(yield* store.grants.list(dataset.id), [{ user: name, level: "edit" }])
      yield* store.grants.put(dataset.id, name, "none")
      assert.deepStrictEqual(yield* store.grants.list(dataset.id), [])
    }))

  it.effect("find nothing of a dataset that was removed", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const table = yield* makeTable()
      const { id } = yield* upload(table, "a\n1\n")
      const full = yield* reload(table)
      const { dataset } = table.container.kind === "dataset" ? table.container.at : assert.fail()
      const { streams: [stream] } = yield* store.sessions.create({ kind: "upload", uploadId: id }, { creator: "x" })
      yield* store.datasets.remove(dataset.id)
      assert.deepStrictEqual(
        yield* Effect.all([
          tagOf(store.datasets.getById(dataset.id)),
          tagOf(store.uploads.getById(id)),
          tagOf(store.sessions.read(stream!.id)),
          tagOf(store.rows.count({ kind: "table", table: full })),
          tagOf(store.datasets.remove(dataset.id))
        ]),
        Array.from({ length: 5 }, () => "StoreNotFound")
      )
    }))

  it.effect("patch variables of all tables at once, where the names fit", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const at = yield* makeDataset
      const labels = Effect.fnUntraced(function*() {
        const tables = yield* store.tables.list(at)
        return yield* Effect.forEach(tables, (table) =>
          Effect.map(store.variables.list({ kind: "table", table }), (list) => list.map(({ label }) => label)))
      })
      for (const [name, content] of [["one", "a,b\n1,2\n"], ["two", "B\n1\n"]] as const) {
        yield* upload(yield* store.tables.create(at, { name }), content)
      }
      yield* store.variables.updateAll(at, [{ name: "b", label: "both" }, { name: "nowhere", label: "x" }])
      assert.deepStrictEqual(yield* labels(), [[null, "both"], ["both"]])
    }))
})
