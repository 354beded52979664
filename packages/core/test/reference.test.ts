import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as FastCheck from "fast-check"
import type { InvalidInput } from "../src/contract/RedivisError.ts"
import * as Reference from "../src/contract/Reference.ts"

const built = <A>(result: Result.Result<A, InvalidInput>): A =>
  Result.getOrThrowWith(result, (error) => new Error(error.message))

/** The field and the reason of a refusal, as one line. */
const refused = <A>(result: Result.Result<A, InvalidInput>): string => {
  if (Result.isSuccess(result)) assert.fail(`accepted: ${JSON.stringify(result.success)}`)
  assert.strictEqual(result.failure._tag, "InvalidInput")
  return `${result.failure.field} ${result.failure.reason}`
}

type Outcome = Result.Result<Reference.Reference, InvalidInput>
const kinds = ["dataset", "workflow", "table", "node"] as const
type Kind = typeof kinds[number]

const parse: Record<Kind, (text: string) => Outcome> = {
  dataset: Reference.parseDataset,
  workflow: Reference.parseWorkflow,
  table: Reference.parseTable,
  node: Reference.parseNode
}
// what a constructor takes is drawn per kind, which the type of one table of all cannot say
const build = {
  dataset: Reference.dataset,
  workflow: Reference.workflow,
  table: Reference.table,
  node: Reference.node
} as Record<Kind, (parts: unknown) => Outcome>
const schemas = {
  dataset: Reference.DatasetReference,
  workflow: Reference.WorkflowReference,
  table: Reference.TableReference,
  node: Reference.NodeReference
} as unknown as Record<Kind, Schema.Codec<Reference.Reference>>

describe("a text", () => {
  it.each<[text: string, owner: string | undefined, rest: object, formatted: string]>([
    ["o.d", "o", { name: "d" }, "o.d"],
    ["d", undefined, { name: "d" }, "d"],
    ["d:abcd", undefined, { name: "d", id: "abcd" }, "d:abcd"],
    ["o.My data set!", "o", { name: "My data set!" }, "o.My data set!"],
    ["o.d/é%", "o", { name: "d/é%" }, "o.d/é%"],
    ["o.d:v1.0", "o", { name: "d", version: "v1.0" }, "o.d:v1.0"],
    ["o.d:v1_0", "o", { name: "d", version: "v1_0" }, "o.d:v1_0"],
    ["o.d:V1_0", "o", { name: "d", version: "V1_0" }, "o.d:V1_0"],
    ["o.d:V12.34", "o", { name: "d", version: "V12.34" }, "o.d:V12.34"],
    ["o.d:Next", "o", { name: "d", version: "Next" }, "o.d:Next"],
    ["o.d:current", "o", { name: "d", version: "current" }, "o.d:current"],
    ["d:v1.0", undefined, { name: "d", version: "v1.0" }, "d:v1.0"],
    ["o.d:abcd:v1_2:sample", "o", { name: "d", id: "abcd", version: "v1_2", sample: true }, "o.d:abcd:v1_2:sample"],
    ["o.d:sample:v1.2:abcd", "o", { name: "d", id: "abcd", version: "v1.2", sample: true }, "o.d:abcd:v1.2:sample"],
    [
      "demo.ghcn_daily_weather_data:v1_1:7br5",
      "demo",
      { name: "ghcn_daily_weather_data", id: "7br5", version: "v1_1" },
      "demo.ghcn_daily_weather_data:7br5:v1_1"
    ],
    ["o.next", "o", { name: "next" }, "o.next"],
    ["o.sample:SAMPLE", "o", { name: "sample", sample: true }, "o.sample:sample"],
    ["o.v1_0:next", "o", { name: "v1_0", version: "next" }, "o.v1_0:next"],
    ["o.d:v1", "o", { name: "d", id: "v1" }, "o.d:v1"],
    ["o.a`b", "o", { name: "a_b" }, "o.a_b"]
  ])("%s is a dataset", (text, owner, rest, formatted) => {
    const reference = built(Reference.parseDataset(text))
    assert.deepStrictEqual<unknown>(reference, { kind: "dataset", ...(owner === undefined ? {} : { owner }), ...rest })
    assert.strictEqual<string>(Reference.format(reference), formatted)
  })

  it.each<[text: string, container: object | undefined, rest: object]>([
    ["t", undefined, { name: "t" }],
    ["d.t", { name: "d" }, { name: "t" }],
    ["o.d.t", { owner: "o", name: "d" }, { name: "t" }],
    ["o.d.t:sample", { owner: "o", name: "d" }, { name: "t", sample: true }],
    ["o.d:sample.t:efgh", { owner: "o", name: "d", sample: true }, { name: "t", id: "efgh" }],
    ["o.d:abcd:v1_0.t:efgh", { owner: "o", name: "d", id: "abcd", version: "v1_0" }, { name: "t", id: "efgh" }],
    ["o.d:v1.0.t", { owner: "o", name: "d", version: "v1.0" }, { name: "t" }],
    ["o.d:v1.0.2020", { owner: "o", name: "d", version: "v1.0" }, { name: "2020" }],
    ["o.d:v1.0:abcd.2020", { owner: "o", name: "d", id: "abcd", version: "v1.0" }, { name: "2020" }],
    ["o.d:v1_0.2020", { owner: "o", name: "d", version: "v1_0" }, { name: "2020" }],
    ["d:v1.0.t", { name: "d", version: "v1.0" }, { name: "t" }],
    ["o.d:v1.t", { owner: "o", name: "d", id: "v1" }, { name: "t" }],
    ["o.d:v1.2020x", { owner: "o", name: "d", id: "v1" }, { name: "2020x" }],
    ["o.d:v1:sample.2020", { owner: "o", name: "d", id: "v1", sample: true }, { name: "2020" }],
    ["o.v1.0", { owner: "o", name: "v1" }, { name: "0" }],
    ["owner.dataset:next.table", { owner: "owner", name: "dataset", version: "next" }, { name: "table" }],
    [
      "demo.us_forest_service_fires:5k9t:v1_1.us_fire_perimeters:9r58",
      { owner: "demo", name: "us_forest_service_fires", id: "5k9t", version: "v1_1" },
      { name: "us_fire_perimeters", id: "9r58" }
    ]
  ])("%s is a table, and is written as it was", (text, container, rest) => {
    const reference = built(Reference.parseTable(text))
    assert.deepStrictEqual<unknown>(reference, {
      kind: "table",
      ...(container === undefined ? {} : { container }),
      ...rest
    })
    if (text !== "o.d:v1.0:abcd.2020") assert.strictEqual<string>(Reference.format(reference), text)
  })

  it("is a workflow or what hangs on one", () => {
    assert.deepStrictEqual<unknown>(built(Reference.parseWorkflow("o.w:ab12")), {
      kind: "workflow",
      owner: "o",
      name: "w",
      id: "ab12"
    })
    assert.deepStrictEqual<unknown>(built(Reference.parseNode("o.w.n")), {
      kind: "node",
      container: { owner: "o", name: "w" },
      name: "n"
    })
  })

  it.each<[kind: Kind, text: string, refusal: string]>([
    ["dataset", "", "dataset.name is empty"],
    ["dataset", "o.", "dataset.name is empty"],
    ["dataset", "o. ", "dataset.name is empty"],
    ["dataset", ".d", "dataset.owner must be letters a to z, digits and underscores, unlike \"\""],
    ["dataset", "my org.d", "dataset.owner must be letters a to z, digits and underscores, unlike \"my org\""],
    ["dataset", "é.d", "dataset.owner must be letters a to z, digits and underscores, unlike \"é\""],
    ["dataset", "o:abcd.d", "dataset.owner must be letters a to z, digits and underscores, unlike \"o:abcd\""],
    ["dataset", "`o.d`", "dataset.owner must be letters a to z, digits and underscores, unlike \"`o\""],
    [
      "dataset",
      "o.d.t",
      "dataset must have no more dots than owner.name, unlike \"o.d.t\"; a dot in a name is written _"
    ],
    [
      "dataset",
      "o.d:v1.0.t",
      "dataset must have no more dots than owner.name, unlike \"o.d:v1.0.t\"; a dot in a name is written _"
    ],
    ["dataset", "o.d:", "dataset.id is empty"],
    ["dataset", "o.d:a-b", "dataset.id must be letters a to z, digits and underscores, unlike \"a-b\""],
    ["dataset", "o.d:v1_0:v2_0", "dataset.version stands twice in \"d:v1_0:v2_0\""],
    ["dataset", "o.d:v1.0:next", "dataset.version stands twice in \"d:v1.0:next\""],
    ["dataset", "o.d:abcd:efgh", "dataset.id stands twice in \"d:abcd:efgh\": \"abcd\", \"efgh\""],
    ["dataset", "o.d:sample:sample", "dataset.sample stands twice in \"d:sample:sample\""],
    [
      "dataset",
      "o.d\n",
      "dataset.name must be without line breaks, control characters and halves of characters, unlike \"d\\n\""
    ],
    ["workflow", "o.w:v1_0", "workflow.version must be left out: a workflow has no versions, only datasets have"],
    [
      "workflow",
      "o.w:sample",
      "workflow.sample must be left out: a workflow has no sample, only datasets and tables have"
    ],
    [
      "table",
      "o.d.t.x",
      "table must have no more dots than owner.container.name, unlike \"o.d.t.x\"; a dot in a name is written _"
    ],
    ["table", "d:v1.0", "table.version must be left out: a table has no versions, only datasets have"],
    ["table", "o.d:v1.2020", "table.version must be left out: a table has no versions, only datasets have"],
    ["table", "o.d.t:next", "table.version must be left out: a table has no versions, only datasets have"],
    ["table", "o..t", "table.container.name is empty"],
    ["table", "o b.d.t", "table.container.owner must be letters a to z, digits and underscores, unlike \"o b\""],
    ["table", "o.d:a:b.t", "table.container.id stands twice in \"d:a:b\": \"a\", \"b\""],
    [
      "node",
      "o.w.n:next",
      "node.version must be left out: a notebook or transform has no versions, only datasets have"
    ],
    [
      "node",
      "o.w.n:sample",
      "node.sample must be left out: a notebook or transform has no sample, only datasets and tables have"
    ]
  ])("as a %s, %j is refused", (kind, text, refusal) => {
    assert.strictEqual(refused(parse[kind](text)), refusal)
  })

  it("is shown only in part where it is refused, and named as the caller names it", () => {
    const refusal = refused(Reference.parseDataset(`${"x ".repeat(1000)}.d`, "defaultDataset"))
    assert.match(refusal, /^defaultDataset\.owner /)
    assert.isBelow(refusal.length, 140)
  })

  it("of a megabyte is read or refused at once", () => {
    const million = 1_000_000
    assert.strictEqual(built(Reference.parseDataset("x".repeat(million))).name.length, million)
    for (const part of [".", ":", ":v1.", ":v1.0", "1", ":v", "é.:"]) {
      for (const kind of kinds) parse[kind](`d:v1.${part.repeat(million)}`)
    }
  })
})

describe("a constructor", () => {
  it("writes what separates and quotes as an underscore, and adds no version", () => {
    assert.strictEqual<string>(
      Reference.format(built(Reference.dataset({ owner: "o", name: "a.b:c`d v1.0" }))),
      "o.a_b_c_d v1_0"
    )
    assert.strictEqual<string>(
      Reference.format(built(Reference.table({ container: { owner: "o", name: "St. Louis" }, name: "births.csv" }))),
      "o.St_ Louis.births_csv"
    )
  })

  it("takes a container as text, as parts and as a reference", () => {
    const dataset = built(Reference.dataset({ owner: "o", name: "d", version: "v1.0", sample: true }))
    const expected = built(Reference.parseTable("o.d:v1.0:sample.t"))
    for (const container of [dataset, "o.d:sample:v1.0", { owner: "o", name: "d", version: "v1.0", sample: true }]) {
      assert.deepStrictEqual(built(Reference.table({ container, name: "t", sample: false })), expected)
    }
    const workflow = built(Reference.workflow({ owner: "o", name: "w", id: "ab12" }))
    assert.strictEqual<string>(
      Reference.format(built(Reference.node({ container: workflow, name: "n" }))),
      "o.w:ab12.n"
    )
  })

  it.each<[refusal: string, result: Result.Result<unknown, InvalidInput>]>([
    [
      "dataset.owner must be letters a to z, digits and underscores, unlike \"\"",
      Reference.dataset({ owner: "", name: "d" })
    ],
    [
      "dataset.owner must be letters a to z, digits and underscores, unlike \"a-b\"",
      Reference.dataset({ owner: "a-b", name: "d" })
    ],
    [
      "dataset.owner must be letters a to z, digits and underscores, unlike \"o\\n\"",
      Reference.dataset({ owner: "o\n", name: "d" })
    ],
    ["dataset.name is empty", Reference.dataset({ name: "" })],
    ["dataset.name is empty", Reference.dataset({ name: "\u00a0 " })],
    ["dataset.name is \".\", which is a step in a path and no name", Reference.dataset({ name: "." })],
    ["dataset.name is \"..\", which is a step in a path and no name", Reference.dataset({ name: ".." })],
    [
      "dataset.name must be without line breaks, control characters and halves of characters, unlike \"a\\ud800\"",
      Reference.dataset({ name: "a\ud800" })
    ],
    [
      "dataset.name must be without line breaks, control characters and halves of characters, unlike \"a\\u0000b\"",
      Reference.dataset({ name: "a\0b" })
    ],
    [
      "dataset.id must not be \"NEXT\", which is read as a version or a sample",
      Reference.dataset({ name: "d", id: "NEXT" })
    ],
    [
      "dataset.id must not be \"v1_0\", which is read as a version or a sample",
      Reference.dataset({ name: "d", id: "v1_0" })
    ],
    [
      "dataset.id must not be \"sample\", which is read as a version or a sample",
      Reference.dataset({ name: "d", id: "sample" })
    ],
    [
      "dataset.id must be letters a to z, digits and underscores, unlike \"v1.0\"",
      Reference.dataset({ name: "d", id: "v1.0" })
    ],
    ...["1.0", "v1", "v1.0.0", "v1-0", "latest", "", "v1.0\n", "v١.٠"].map((
      version
    ): [string, Result.Result<unknown, InvalidInput>] => [
      `dataset.version must be like v1.0 or v1_0, or be next or current, unlike ${JSON.stringify(version)}`,
      Reference.dataset({ name: "d", version })
    ]),
    // wider objects than the types ask for, as a reference of another kind is one
    [
      "workflow.version must be left out: a workflow has no versions, only datasets have",
      Reference.workflow(built(Reference.parseDataset("o.d:next")))
    ],
    ["table.owner belongs to the container", Reference.table(built(Reference.parseDataset("o.d")))],
    ["table.container.name is empty", Reference.table({ container: "o.", name: "t" })],
    [
      "table.container.id reads as the tag \"v1.2020\" together with the name: add a version, as current, or leave the id out",
      Reference.table({ container: { owner: "o", name: "d", id: "v1" }, name: "2020" })
    ]
  ])("refuses: %s", (refusal, result) => {
    assert.strictEqual(refused(result), refusal)
  })

  it("says in its message what is wrong, and that nothing was sent", () => {
    const result = Reference.dataset({ name: "d", version: "1.0" })
    assert.isTrue(Result.isFailure(result))
    if (Result.isFailure(result)) {
      assert.strictEqual(
        result.failure.message,
        "dataset.version must be like v1.0 or v1_0, or be next or current, unlike \"1.0\". Nothing was sent."
      )
    }
  })
})

// Raw parts: code units (with halves of pairs), code points, and what looks almost like a part.
const anyText = FastCheck.oneof(
  FastCheck.array(FastCheck.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) =>
    String.fromCharCode(...units)
  ),
  FastCheck.string({ unit: "binary", maxLength: 8 }),
  FastCheck.string({ unit: "grapheme", maxLength: 8 })
)
const almost = ["v", "V", "1", "2020", "v1", "v1.0", "V1_0", "next", "current", "Sample", "abcd", "_", " ", "-", "é"]
const nearly = FastCheck.array(FastCheck.constantFrom(...almost, "\u017f", "\u212a", "`", "/", "%2e"), {
  minLength: 1,
  maxLength: 3
}).map((pieces) => pieces.join(""))
const part = FastCheck.oneof(anyText, nearly, nearly)
const maybe = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary, { nil: undefined })
/** Parts as good as any, beside which the others are drawn: else nearly all would be refused. */
const orGood = (...good: Array<string>) => maybe(FastCheck.oneof(part, ...good.map(FastCheck.constant)))
const id = orGood("abcd", "v1", "V22", "2020", "_")
const sample = maybe(FastCheck.boolean())
const workflow = { owner: orGood("o", "O_1", "v1"), name: part, id }
const dataset = { ...workflow, version: orGood("v1.0", "V1_0", "next", "Current"), sample }
const item = { container: maybe(FastCheck.record(dataset)), name: part, id }
const raw: Record<Kind, FastCheck.Arbitrary<object>> = {
  dataset: FastCheck.record(dataset),
  workflow: FastCheck.record(workflow),
  table: FastCheck.record({ ...item, sample }),
  node: FastCheck.record(item)
}

const word = FastCheck.oneof(
  {
    weight: 9,
    arbitrary: FastCheck.constantFrom("o", "d", "v1", "v1.0", "V1_0", "2020", "0", "next", "sample", "ab12")
  },
  { weight: 1, arbitrary: anyText }
)
const text = FastCheck.tuple(
  word,
  FastCheck.array(FastCheck.tuple(FastCheck.constantFrom(":", "."), word).map((pair) => pair.join("")), {
    maxLength: 5
  })
).map(([first, rest]) => first + rest.join(""))

describe("the laws", () => {
  const shares: Array<string> = []
  afterAll(() => {
    console.info(`References drawn from all of Unicode:\n  ${shares.join("\n  ")}`)
  })
  const count = (label: string, all: number, refusals: Record<string, number>): void => {
    const total = Object.values(refusals).reduce((sum, one) => sum + one, 0)
    const byField = Object.entries(refusals).map(([field, one]) => `${field} ${(100 * one / all).toFixed(1)} %`)
    shares.push(`${label}: ${all} drawn, ${(100 * total / all).toFixed(1)} % refused (${byField.join(", ")})`)
    // a law over nothing but refusals would say nothing
    assert.isBelow(total / all, 0.9)
    assert.isAbove(total, 0)
  }

  for (const kind of kinds) {
    const parseOne = parse[kind]
    const buildOne = build[kind]
    const isOne = Schema.is(schemas[kind])

    it.prop(`every ${kind} that the schema draws is built as it is, and parsed from its text`, {
      reference: schemas[kind]
    }, ({ reference }) => {
      assert.deepStrictEqual(buildOne(reference), Result.succeed(reference))
      assert.deepStrictEqual(parseOne(Reference.format(reference)), Result.succeed(reference))
    }, { arbitrary: { runs: 500 } })

    it(`parse undoes format for every ${kind} that is built from any parts`, () => {
      const refusals: Record<string, number> = {}
      let all = 0
      FastCheck.assert(
        FastCheck.property(raw[kind], (parts) => {
          all++
          const result = buildOne(parts)
          if (Result.isFailure(result)) {
            refusals[result.failure.field] = (refusals[result.failure.field] ?? 0) + 1
            return
          }
          const reference = result.success
          assert.isTrue(isOne(reference))
          assert.deepStrictEqual(parseOne(Reference.format(reference)), Result.succeed(reference))
          assert.deepStrictEqual(buildOne(reference), Result.succeed(reference))
        }),
        { numRuns: 4000 }
      )
      count(`${kind}, built`, all, refusals)
    })

    it(`what the schema of a ${kind} takes is what the constructor leaves as it is`, () => {
      FastCheck.assert(
        FastCheck.property(raw[kind], (parts) => {
          // without keys that are undefined, which the wire cannot have
          const candidate = { kind, ...(JSON.parse(JSON.stringify(parts)) as object) }
          const result = buildOne(candidate)
          const same = Result.isSuccess(result) &&
            JSON.stringify(sorted(result.success)) === JSON.stringify(sorted(candidate))
          assert.strictEqual(isOne(candidate), same, JSON.stringify(candidate))
        }),
        { numRuns: 2000 }
      )
    })

    it(`parse, format, parse is parse for every text that is a ${kind}`, () => {
      const refusals: Record<string, number> = {}
      let all = 0
      FastCheck.assert(
        FastCheck.property(text, (text) => {
          all++
          const result = parseOne(text)
          if (Result.isFailure(result)) {
            const field = result.failure.field
            refusals[field] = (refusals[field] ?? 0) + 1
            return
          }
          const formatted = Reference.format(result.success)
          assert.deepStrictEqual(parseOne(formatted), result)
          // nothing but the order of parts and the case of `sample` changes
          assert.strictEqual(letters(formatted), letters(text))
        }),
        { numRuns: 4000 }
      )
      count(`${kind}, parsed`, all, refusals)
    })

    it.prop(`the normal form of a ${kind} is right, final, and equal to what it came from`, {
      reference: schemas[kind]
    }, ({ reference }) => {
      const normal = Reference.normalize(reference)
      assert.isTrue(isOne(normal))
      assert.deepStrictEqual(Reference.normalize(normal), normal)
      assert.isTrue(Reference.equals(reference, normal))
      assert.deepStrictEqual(parseOne(Reference.format(normal)), Result.succeed(normal))
    })
  }

  it("a name that is written for a reference is equal to the raw one", () => {
    FastCheck.assert(
      FastCheck.property(part, (name) => {
        const result = Reference.dataset({ name })
        if (Result.isFailure(result)) return
        assert.strictEqual(Reference.normalizeName(result.success.name), Reference.normalizeName(name))
        assert.match(Reference.normalizeName(name), /^[a-z0-9_]+$/)
      }),
      { numRuns: 4000 }
    )
  })
})

/** The characters of a text in the order of the alphabet: where its parts stand is lost. */
const letters = (text: string): string => [...text.toLowerCase().replaceAll("`", "_")].sort().join("")

const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(
      Object.entries(value).filter(([, one]) => one !== undefined).sort(([a], [b]) => a < b ? -1 : 1).map((
        [key, one]
      ) => [key, sorted(one)])
    )
    : value

describe("equality", () => {
  it.each([
    ["o.Novel Corona Virus 2019 Dataset", "O.novel_corona_virus_2019_dataset", true],
    ["Demo.GHCN Daily Weather Data:V1.0", "demo.ghcn_daily_weather_data:v1_0", true],
    ["o.a - b", "o.a_b", true],
    ["o.d:abcd:v1_0", "o.d:v1.0:abcd", true],
    ["o.d", "o.d:current", false],
    ["o.d", "o.d:abcd", false],
    ["o.d:abcd", "o.d:ABCD", false],
    ["o.d", "d", false],
    ["o.é", "o.ü", false],
    ["o.日本", "o.中国", false],
    ["o.日本", "o._", true],
    ["o.Été", "o.ÉTÉ", true],
    ["o.été", "o.e\u0301te\u0301", true],
    ["o.Straße 7", "o.stra_e_7", true],
    ["o.stra_e_7", "o.Straße 7", true],
    ["o.birds_été", "o.birds_ütü", false],
    // the sign of the kelvin is a K
    ["o.\u212a", "o.k", true]
  ])("of %s and %s", (left, right, expected) => {
    const self = Reference.parseDataset(left)
    const that = Reference.parseDataset(right)
    const equal = Result.isSuccess(self) && Result.isSuccess(that) && Reference.equals(self.success, that.success)
    assert.strictEqual(equal, expected)
  })

  it("looks at the container, and tells kinds apart", () => {
    const table = built(Reference.parseTable("O.D D:V1.0.T"))
    assert.isTrue(Reference.equals(table, built(Reference.parseTable("o.d_d:v1_0.t"))))
    assert.isFalse(Reference.equals(table, built(Reference.parseTable("o.d_d:v1_1.t"))))
    assert.isFalse(Reference.equals(built(Reference.parseDataset("o.d")), built(Reference.parseWorkflow("o.d"))))
    assert.isFalse(Reference.equals(built(Reference.parseTable("d.t")), built(Reference.parseDataset("d.t"))))
    assert.isFalse(Reference.equals(built(Reference.parseTable("o.日本.t")), built(Reference.parseTable("o.中国.t"))))
    assert.isFalse(Reference.equals(built(Reference.parseTable("o.d.日本")), built(Reference.parseTable("o.d.中国"))))
    assert.isFalse(Reference.equals(built(Reference.parseTable("d.t")), built(Reference.parseTable("t"))))
    assert.isTrue(
      Reference.equals(built(Reference.parseTable("o.日本.Été")), built(Reference.parseTable("o.日本.ÉTÉ")))
    )
  })

  it("holds a name and what is written for it as one", () => {
    assert.strictEqual(Reference.normalizeName("St. Louis"), "st_louis")
    assert.strictEqual(Reference.normalizeName(built(Reference.dataset({ name: "St. Louis" })).name), "st_louis")
  })
})

describe("a scoped reference", () => {
  const complete = (kind: Kind, text: string, defaults: Reference.Defaults): Outcome => {
    switch (kind) {
      case "dataset":
        return Result.flatMap(Reference.parseDataset(text), (reference) => Reference.complete(reference, defaults))
      case "workflow":
        return Result.flatMap(Reference.parseWorkflow(text), (reference) => Reference.complete(reference, defaults))
      case "table":
        return Result.flatMap(Reference.parseTable(text), (reference) => Reference.complete(reference, defaults))
      case "node":
        return Result.flatMap(Reference.parseNode(text), (reference) => Reference.complete(reference, defaults))
    }
  }

  it.each<[kind: Kind, text: string, defaults: Reference.Defaults, full: string]>([
    ["dataset", "birds", { user: "u" }, "u.birds"],
    ["dataset", "birds:next", { organization: "o" }, "o.birds:next"],
    ["dataset", "x.birds", { organization: "o" }, "x.birds"],
    ["dataset", "x.birds", {}, "x.birds"],
    ["workflow", "w:ab12", { user: "u" }, "u.w:ab12"],
    ["table", "d.t", { user: "u", workflow: "x.w", dataset: "x.d" }, "u.d.t"],
    ["table", "t:sample", { user: "u", dataset: "d:v1.0" }, "u.d:v1.0.t:sample"],
    ["table", "t", { user: "u", dataset: "x.d" }, "x.d.t"],
    ["table", "t", { user: "u", dataset: "d", workflow: "w" }, "u.w.t"],
    ["table", "t", { dataset: built(Reference.parseDataset("o.d:next")) }, "o.d:next.t"],
    ["table", "x.d.t", { user: "u", dataset: "other" }, "x.d.t"],
    ["node", "n", { user: "u", workflow: "w", dataset: "d" }, "u.w.n"],
    ["node", "w.n", { user: "u" }, "u.w.n"]
  ])("%s %s with %j is %s", (kind, text, defaults, full) => {
    const completed = complete(kind, text, defaults)
    assert.strictEqual<string>(Reference.format(built(completed)), full)
    assert.strictEqual(built(completed).kind, kind)
  })

  it.each<[kind: Kind, text: string, defaults: Reference.Defaults, refusal: RegExp]>([
    ["dataset", "birds", {}, /^dataset\.owner is missing: write it before "birds" and a dot, or set a default owner$/],
    ["dataset", "birds", { user: "u", organization: "o" }, /^defaults must have a user or an organization, not both$/],
    ["dataset", "birds", { user: "a b" }, /^dataset\.owner must be letters/],
    ["workflow", "w", {}, /^workflow\.owner is missing/],
    ["table", "t", { user: "u" }, /^table\.container is missing: write the dataset or workflow before "t"/],
    ["table", "d.t", {}, /^table\.container\.owner is missing: write it before "d"/],
    ["table", "t", { dataset: "d" }, /^table\.container\.owner is missing/],
    ["table", "t", { dataset: "a.b.c" }, /^defaults\.dataset must have no more dots/],
    ["table", "t", { workflow: "o.w:next" }, /^defaults\.workflow\.version must be left out/],
    ["table", "2020", { dataset: "o.d:v1" }, /^table\.container\.id reads as the tag "v1\.2020"/],
    ["node", "n", { user: "u", dataset: "d" }, /^node\.container is missing: write the workflow before "n"/]
  ])("%s %s with %j is refused", (kind, text, defaults, refusal) => {
    assert.match(refused(complete(kind, text, defaults)), refusal)
  })
})

describe("the parameter of a path", () => {
  it.each<[label: string, result: Result.Result<string, InvalidInput>, expected: string]>([
    ["text", Reference.resolveDataset("o.d:v1.0:abcd"), "o.d:abcd:v1.0"],
    ["scoped text", Reference.resolveDataset("birds", { user: "u" }), "u.birds"],
    ["a reference", Reference.resolveDataset(built(Reference.parseDataset("o.d:next"))), "o.d:next"],
    ["a uri", Reference.resolveDataset({ uri: "/datasets/o.d%3Anext" }, { user: "u" }), "o.d:next"],
    ["a resource with a uri", Reference.resolveTable({ uri: "/tables/o.d.t" }), "o.d.t"],
    ["a table", Reference.resolveTable("t", { organization: "o", workflow: "w" }), "o.w.t"],
    ["a workflow", Reference.resolveWorkflow({ uri: "/workflows/o.w" }), "o.w"],
    ["a workflow's text", Reference.resolveWorkflow("w", { user: "u" }), "u.w"],
    ["a notebook", Reference.resolveNotebook({ uri: "/notebooks/o.w.n" }), "o.w.n"],
    ["a transform", Reference.resolveTransform("o.w.n"), "o.w.n"]
  ])("comes from %s", (_, result, expected) => {
    assert.strictEqual(built(result), expected)
  })

  it.each<[label: string, result: Result.Result<string, InvalidInput>, refusal: RegExp]>([
    [
      "another kind",
      Reference.resolveDataset({ uri: "/tables/o.d.t" }),
      /^dataset\.uri must be a path like \/datasets\/:dataset, unlike/
    ],
    [
      "a whole URL",
      Reference.resolveTable({ uri: "https://redivis.com/tables/o.d.t" }),
      /^table\.uri must be a path like/
    ],
    [
      "a transform for a notebook",
      Reference.resolveNotebook({ uri: "/transforms/o.w.n" }),
      /^notebook\.uri must be a path/
    ],
    ["a scoped text without default", Reference.resolveTransform("n"), /^transform\.container is missing/],
    ["a wrong text", Reference.resolveWorkflow("a.b.c"), /^workflow must have no more dots/]
  ])("is refused for %s", (_, result, refusal) => {
    assert.match(refused(result), refusal)
  })

  it.each<[reference: Result.Result<Reference.Reference, InvalidInput>, path: string]>([
    [Reference.dataset({ owner: "o", name: "My data set!" }), "o.My%20data%20set%21"],
    [Reference.parseDataset("o.d:abcd"), "o.d%3Aabcd"],
    [Reference.dataset({ owner: "o", name: "d", version: "v1.0" }), "o.d%3Av1.0"],
    [Reference.dataset({ owner: "o", name: "d", version: "v1_0" }), "o.d%3Av1_0"],
    [Reference.parseDataset("o.d:abcd:v1_2:sample"), "o.d%3Aabcd%3Av1_2%3Asample"],
    [Reference.dataset({ owner: "o", name: "d/é%" }), "o.d%2F%C3%A9%25"],
    [Reference.parseTable("o.d:abcd:v1_0.t:efgh"), "o.d%3Aabcd%3Av1_0.t%3Aefgh"],
    [Reference.parseTable("o.d:v1.0.t"), "o.d%3Av1.0.t"],
    [Reference.parseTable("o.d.t:sample"), "o.d.t%3Asample"],
    [Reference.parseDataset("o.a'(b)*"), "o.a%27%28b%29%2A"]
  ])("is one percent-encoded segment", (reference, path) => {
    assert.strictEqual(built(Reference.segment(Reference.format(built(reference)))), path)
  })

  it("is refused where no encoding makes it a segment", () => {
    assert.strictEqual(refused(Reference.segment("", "upload")), "upload is empty")
    assert.strictEqual(refused(Reference.segment(".")), "path must not be \".\", which is a step in a path")
    assert.strictEqual(refused(Reference.segment("..")), "path must not be \"..\", which is a step in a path")
    assert.strictEqual(refused(Reference.segment("a\udc00")), "path must be whole characters, unlike \"a\\udc00\"")
    assert.strictEqual(built(Reference.segment("...")), "...")
    assert.strictEqual(built(Reference.segment("%2e%2e")), "%252e%252e")
    assert.strictEqual(built(Reference.segment("a/../b\\c?d#e\n")), "a%2F..%2Fb%5Cc%3Fd%23e%0A")
  })
})

describe("the uri of an answer", () => {
  it("gives the parameters of its template, decoded once and typed by it", () => {
    const upload = built(
      Reference.fromUri("/tables/:table/uploads/:upload", "/tables/o.d%3Av1.0.t/uploads/my%20file_v2%2F%C3%A9_csv")
    )
    const typed: { readonly table: string; readonly upload: string } = upload
    assert.deepStrictEqual(typed, { table: "o.d:v1.0.t", upload: "my file_v2/é_csv" })
    assert.deepStrictEqual(
      built(Reference.fromUri("/datasets/:dataset/versions/:tag", "/datasets/o.d/versions/v2.1")),
      {
        dataset: "o.d",
        tag: "v2.1"
      }
    )
    assert.deepStrictEqual(built(Reference.fromUri("/tables/:table", "/tables/o.d:v1.0.%252F")), {
      table: "o.d:v1.0.%2F"
    })
    // @ts-expect-error the template has no parameter of this name
    assert.isUndefined(upload.version)
  })

  it.each([
    ["", "uri must be a path like /datasets/:dataset, unlike \"\""],
    ["/tables/o.d", "uri must be a path like /datasets/:dataset, unlike \"/tables/o.d\""],
    ["/Datasets/o.d", "uri must be a path like /datasets/:dataset, unlike \"/Datasets/o.d\""],
    ["datasets/o.d", "uri must be a path like /datasets/:dataset, unlike \"datasets/o.d\""],
    ["//datasets/o.d", "uri must be a path like /datasets/:dataset, unlike \"//datasets/o.d\""],
    ["//evil.example", "uri must be a path like /datasets/:dataset, unlike \"//evil.example\""],
    [
      "https://redivis.com/datasets/o.d",
      "uri must be a path like /datasets/:dataset, unlike \"https://redivis.com/datasets/o.d\""
    ],
    ["/datasets/o.d/", "uri must be a path like /datasets/:dataset, unlike \"/datasets/o.d/\""],
    ["/datasets/o.d/tables", "uri must be a path like /datasets/:dataset, unlike \"/datasets/o.d/tables\""],
    ["/datasets/o.d?x=1", "uri must be a path like /datasets/:dataset, unlike \"/datasets/o.d?x=1\""],
    ["/datasets/o.d#x", "uri must be a path like /datasets/:dataset, unlike \"/datasets/o.d#x\""],
    ["/datasets/", "uri.dataset is empty"],
    ["/datasets/..", "uri.dataset must not be \"..\", which is a step in a path"],
    ["/datasets/%2E%2e", "uri.dataset must not be \"..\", which is a step in a path"],
    ["/datasets/%", "uri is not percent-encoded rightly in \"%\""],
    ["/datasets/%ff", "uri is not percent-encoded rightly in \"%ff\""]
  ])("%j is refused", (uri, refusal) => {
    assert.strictEqual(refused(Reference.fromUri("/datasets/:dataset", uri)), refusal)
  })

  it("gives back whatever text was encoded into it", () => {
    let refusals = 0
    FastCheck.assert(
      FastCheck.property(anyText, part, (table, upload) => {
        const segments = Result.all([Reference.segment(table), Reference.segment(upload)])
        if (Result.isFailure(segments)) {
          refusals++
          assert.isTrue(
            [table, upload].some((text) => ["", ".", ".."].includes(text) || !text.isWellFormed())
          )
          return
        }
        const [first, second] = segments.success
        assert.match(`${first}${second}`, /^[\w.~%-]+$/)
        const uri = `/tables/${first}/uploads/${second}`
        assert.strictEqual(new URL(uri, "https://host.example").pathname, uri)
        assert.deepStrictEqual(
          Reference.fromUri("/tables/:table/uploads/:upload", uri),
          Result.succeed({ table, upload })
        )
      }),
      { numRuns: 4000 }
    )
    assert.isBelow(refusals, 3000)
  })
})

it("a schema refuses an id and a name that read as a tag together, as the constructor does", () => {
  const container = { owner: "o", name: "d", id: "v1" }
  for (const kind of ["table", "node"] as const) {
    const is = Schema.is(schemas[kind])
    assert.isFalse(is({ kind, container, name: "2020" }))
    assert.isTrue(is({ kind, container, name: "2020a" }))
    assert.isTrue(is({ kind, container: { ...container, version: "current" }, name: "2020" }))
  }
})

it("a reference is not made by hand", () => {
  // @ts-expect-error only the constructors give a reference
  const made: Reference.DatasetReference = { kind: "dataset", owner: "o", name: "a.b" }
  // @ts-expect-error a table is not a dataset
  const other: Reference.DatasetReference = built(Reference.parseTable("t"))
  assert.isDefined(made)
  assert.isDefined(other)
})
