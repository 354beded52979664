/** What the functions on accounts, datasets and versions do over several requests, and what clients send otherwise. */
import * as Dataset from "@effect-redivis/core/Dataset"
import * as Member from "@effect-redivis/core/Member"
import * as Organization from "@effect-redivis/core/Organization"
import * as Redivis from "@effect-redivis/core/Redivis"
import * as Version from "@effect-redivis/core/Version"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import type { Seed } from "@effect-redivis/emulator/Seed"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const researcher = "researcher"

const birds: Seed = {
  users: [{ name: "ada" }],
  organizations: [{
    name: "lab",
    members: [{ user: researcher, isAdmin: true }, { user: "ada", labels: ["Cohort:2026"] }]
  }],
  datasets: [
    {
      owner: "lab",
      name: "Birds",
      publicAccessLevel: "overview",
      labels: ["Topic:birds", "draft"],
      versions: [1, 2, 3].map((a) => ({ tables: [{ name: "rows", rows: [{ a }] }] }))
    },
    { owner: "ada", name: "Hidden", versions: [{}] },
    {
      owner: "ada",
      name: "Shown",
      publicAccessLevel: "overview",
      versions: [{}]
    }
  ]
}

/** What went over the wire while `effect` ran, each with the body that was read of it. */
const during = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const emulator = yield* Emulator.Emulator
    const before = (yield* emulator.requests).length
    const value = yield* effect
    const sent = (yield* emulator.requests).slice(before)
    return { value, sent: sent.map(({ operation }) => operation), bodies: sent.map(({ body }) => body?.json) }
  })

const begun = Effect.flatMap(Emulator.Emulator, (emulator) => Effect.andThen(emulator.reset, emulator.seed(birds)))

layer(Emulator.layerTest)("labels", (it) => {
  it.effect("of a dataset are added in lower case beside those that are there, and taken away in any case", () =>
    Effect.gen(function*() {
      yield* begun
      const added = yield* during(Dataset.addLabels("lab.birds", ["New", "new", "TOPIC:birds"]))
      assert.deepStrictEqual(added.sent, ["datasets.get", "datasets.patch"])
      assert.deepStrictEqual(added.value.labels, ["Topic:birds", "draft", "new"])
      const removed = yield* Dataset.removeLabels("lab.birds", ["DRAFT", "absent"])
      assert.deepStrictEqual(removed.labels, ["Topic:birds", "new"])
      assert.deepStrictEqual((yield* Dataset.get("lab.birds")).labels, ["Topic:birds", "new"])
    }))

  it.effect("that are there already, or were never, are not written", () =>
    Effect.gen(function*() {
      yield* begun
      const added = yield* during(Dataset.addLabels("lab.birds", ["draft"]))
      assert.deepStrictEqual(added.sent, ["datasets.get"])
      assert.deepStrictEqual((yield* during(Dataset.removeLabels("lab.birds", ["x"]))).sent, ["datasets.get"])
      assert.deepStrictEqual((yield* during(Member.addLabels("lab", "ada", ["cohort:2026"]))).sent, ["members.get"])
    }))

  it.effect("of somebody else's dataset are refused, and so is a label with a space", () =>
    Effect.gen(function*() {
      yield* begun
      assert.strictEqual((yield* Effect.flip(Dataset.addLabels("ada.shown", ["mine"])))._tag, "Forbidden")
      assert.strictEqual((yield* Effect.flip(Dataset.addLabels("lab.birds", ["two words"])))._tag, "InvalidInput")
    }))

  it.effect("that an answer leaves out are not taken for none", () =>
    Effect.gen(function*() {
      yield* begun
      const emulator = yield* Emulator.Emulator
      const { labels: _, ...without } = yield* Dataset.get("lab.birds")
      yield* emulator.faults.add({
        match: "datasets.get",
        times: 1,
        do: { status: 200, body: JSON.stringify(without) }
      })
      const failed = yield* during(Effect.flip(Dataset.addLabels("lab.birds", ["new"])))
      assert.strictEqual(failed.value._tag, "DecodeError")
      assert.deepStrictEqual(failed.sent, ["datasets.get"])
    }))

  it.effect("of a member are changed in the same way", () =>
    Effect.gen(function*() {
      yield* begun
      const added = yield* during(Member.addLabels("lab", "ada", ["Speaker"]))
      assert.deepStrictEqual(added.sent, ["members.get", "members.patch"])
      assert.deepStrictEqual(added.bodies[1], { labels: ["Cohort:2026", "speaker"] })
      yield* Member.removeLabels("lab", "ada", ["cohort:2026"])
      assert.deepStrictEqual((yield* Member.get("lab", "ada")).labels, ["speaker"])
    }))
})

layer(Emulator.layerTest)("a dataset that is made where it is not there", (it) => {
  it.effect("is made once, and given as it is after that", () =>
    Effect.gen(function*() {
      yield* begun
      const make = Dataset.createIfNotExists({ organization: "lab" }, { name: "New, here", description: "Once" })
      const first = yield* during(make)
      assert.deepStrictEqual(first.sent, ["datasets.get", "datasets.postByOrganization"])
      const second = yield* during(make)
      assert.deepStrictEqual(second.sent, ["datasets.get"])
      assert.strictEqual(second.value.id, first.value.id)
    }))

  it.effect("is the one of who was quicker", () =>
    Effect.gen(function*() {
      yield* begun
      const emulator = yield* Emulator.Emulator
      yield* emulator.faults.add({ match: "datasets.get", times: 1, do: { status: 404 } })
      const made = yield* during(Dataset.createIfNotExists({ organization: "lab" }, { name: "Birds" }))
      assert.deepStrictEqual(made.sent, ["datasets.get", "datasets.postByOrganization", "datasets.get"])
      assert.strictEqual(made.value.name, "Birds")
    }))

  it.effect("is refused where the name is taken by one that the token may not see", () =>
    Effect.gen(function*() {
      yield* begun
      const emulator = yield* Emulator.Emulator
      yield* emulator.faults.add({ match: "datasets.get", do: { status: 404 } })
      const failed = yield* Effect.flip(Dataset.createIfNotExists({ organization: "lab" }, { name: "birds" }))
      assert.strictEqual(failed._tag, "BadRequest")
    }))
})

layer(Emulator.layerTest)("a version", (it) => {
  it.effect("has one before it and one after it", () =>
    Effect.gen(function*() {
      yield* begun
      assert.strictEqual((yield* Version.previous("lab.birds", "current"))?.tag, "v1.1")
      assert.strictEqual((yield* Version.next("lab.birds", "v1.0"))?.tag, "v1.1")
      assert.isUndefined(yield* Version.previous("lab.birds", "v1.0"))
      assert.isUndefined(yield* Version.next("lab.birds", "current"))
      yield* Version.create("lab.birds")
      assert.strictEqual((yield* Version.next("lab.birds", "current"))?.tag, "next")
    }))

  it.effect("that is to be prepared is given where it is there already", () =>
    Effect.gen(function*() {
      yield* begun
      const first = yield* during(Version.create("lab.birds", { ifNotExists: true }))
      assert.deepStrictEqual(first.sent, ["versions.get", "versions.post"])
      const second = yield* during(Version.create("lab.birds", { ifNotExists: true }))
      assert.deepStrictEqual(second.sent, ["versions.get"])
      assert.strictEqual(second.value.tag, "next")
      assert.strictEqual((yield* Effect.flip(Version.create("lab.birds")))._tag, "BadRequest")
    }))

  it.effect("that somebody else was quicker to prepare is given too", () =>
    Effect.gen(function*() {
      yield* begun
      yield* Version.create("lab.birds")
      const emulator = yield* Emulator.Emulator
      yield* emulator.faults.add({ match: "versions.get", times: 1, do: { status: 404 } })
      const made = yield* during(Version.create("lab.birds", { ifNotExists: true }))
      assert.deepStrictEqual(made.sent, ["versions.get", "versions.post", "versions.get"])
      assert.strictEqual(made.value.tag, "next")
    }))

  it.effect("can be unreleased for seven days", () =>
    Effect.gen(function*() {
      yield* begun
      const emulator = yield* Emulator.Emulator
      yield* emulator.clock.adjust(7 * 24 * 60 * 60 * 1000 + 1000)
      const failed = yield* Effect.flip(Version.unrelease("lab.birds"))
      assert.strictEqual(failed._tag, "BadRequest")
      assert.include(failed.message, "7 days")
      yield* emulator.clock.adjust(-60_000)
      assert.strictEqual((yield* Version.unrelease("lab.birds")).tag, "next")
    }))
})

describe("what is deleted", () => {
  it.live.each(["text", "empty", "json"] as const)(
    "gives the version or nothing, whatever stands for nothing: %s",
    (deleteAnswer) =>
      Effect.gen(function*() {
        yield* begun
        yield* Version.create("lab.birds")
        assert.isUndefined(yield* Version.remove("lab.birds", "next"))
        assert.isFalse(yield* Version.exists("lab.birds", "next"))
        const marked = yield* Version.remove("lab.birds", "v1.0")
        assert.deepStrictEqual([marked?.tag, marked?.isDeleted], ["v1.0", true])
      }).pipe(Effect.provide(Emulator.layerTestWith({ deleteAnswer })))
  )
})

layer(Emulator.layerTest)("what clients send otherwise", (it) => {
  it.effect("is understood by the emulator", () =>
    Effect.gen(function*() {
      yield* begun
      const { baseUrl, token } = yield* Emulator.Emulator
      const send = (method: string, path: string, body?: unknown) =>
        Effect.promise(async () => {
          const response = await fetch(baseUrl + path, {
            method,
            headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
            ...(body === undefined ? undefined : { body: JSON.stringify(body) })
          })
          return JSON.parse(await response.text())
        })
      const members = yield* send("GET", "/organizations/lab/members?status=pending,left")
      assert.deepStrictEqual(members.results, [])
      const unreleased = yield* send("POST", "/datasets/lab.birds/versions/current/release")
      assert.deepStrictEqual([unreleased.tag, unreleased.isReleased], ["next", false])
      const released = yield* send("POST", "/datasets/lab.birds/versions/next/release", { release_notes: "Again" })
      assert.strictEqual(released.releaseNotes, "Again")
      const changed = yield* send("POST", "/datasets/lab.birds", { public_access_level: "data" })
      assert.strictEqual(changed.publicAccessLevel, "data")
    }))
})

layer(Emulator.layerTest)("an organization", (it) => {
  it.effect("is the client's default one where none is named, and cannot be a default user", () =>
    Effect.gen(function*() {
      yield* begun
      const { baseUrl, token } = yield* Emulator.Emulator
      const by = (defaults: Redivis.Defaults) =>
        Effect.provide(Redivis.layerFetch({ endpoint: baseUrl, token: Redacted.make(token), defaults }))
      assert.isTrue(yield* by({ organization: "lab" })(Organization.exists()))
      assert.strictEqual((yield* by({ organization: "lab" })(Member.get(undefined, "ada"))).user.name, "ada")
      const failed = yield* Effect.flip(by({ user: researcher })(Organization.exists()))
      assert.deepInclude(failed, { _tag: "InvalidInput", field: "organization" })
    }))
})
