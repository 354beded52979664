import { assert, describe, it } from "@effect/vitest"
import * as Metadata from "../../src/publishing/Metadata.ts"
import { described, table, variable } from "./describing.ts"

const { dataset } = described

describe("a citation", () => {
  it("names owner, year, version and DOI", () => {
    assert.strictEqual(
      Metadata.citation(dataset),
      "Demo 100% {Data} (2021). Penguins & others (Version 1.2) [Data set]. Redivis. https://doi.org/10.5072/abcd-1234"
    )
  })

  it("takes authors and a year in place of what it knows", () => {
    assert.match(
      Metadata.citation(dataset, { authors: ["Gorman, K.", "Horst, A."], year: 2014 }),
      /^Gorman, K\.; Horst, A\. \(2014\)\./
    )
  })

  it("leaves out what the dataset does not say", () => {
    const bare = {
      name: "Bare",
      qualifiedReference: "demo.bare",
      scopedReference: "bare",
      uri: "/datasets/demo.bare",
      owner: { kind: "user", name: "ana" }
    } as const
    assert.strictEqual(Metadata.citation(bare), "ana. Bare [Data set]. Redivis.")
    assert.notInclude(Metadata.citation(bare, { format: "bibtex" }), "undefined")
  })

  it("takes a DOI however it is written", () => {
    for (const doi of ["10.1/x", "doi:10.1/x", "https://doi.org/10.1/x", "http://dx.doi.org/10.1/x"]) {
      assert.match(Metadata.citation({ ...dataset, doi }), / https:\/\/doi\.org\/10\.1\/x$/)
    }
    assert.match(Metadata.citation({ ...dataset, doi: null }), / https:\/\/redivis\.com\/datasets\/[^ ]+$/)
  })

  it("is an entry of BibTeX in which no character means more than itself", () => {
    assert.strictEqual(
      Metadata.citation(dataset, { format: "bibtex" }),
      `@misc{demo_penguins_others_v1_2,
  author = {{Demo 100\\% \\{Data\\}}},
  title = {{Penguins \\& others}},
  year = {2021},
  version = {1.2},
  publisher = {Redivis},
  doi = {10.5072/abcd-1234},
  url = {https://doi.org/10.5072/abcd-1234}
}
`
    )
  })
})

const written = (options?: Metadata.JsonLdOptions) => Metadata.jsonLd(described, options) as object // as every document

const at = (value: unknown, ...path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), value)

describe("JSON-LD", () => {
  it("of schema.org says what the dataset says, and nothing that it does not", () => {
    const text = JSON.stringify(written())
    for (const word of ["null", "undefined", "license"]) assert.notInclude(text, word)
    assert.deepInclude(written(), {
      "@context": "https://schema.org/",
      "@type": "Dataset",
      name: "Penguins & others",
      version: "1.2",
      identifier: "https://doi.org/10.5072/abcd-1234",
      datePublished: "2021-05-06",
      temporalCoverage: "2007-11-11/2009-12-01",
      keywords: ["birds", "topic:ice"],
      isAccessibleForFree: true,
      spatialCoverage: { "@type": "Place", geo: { "@type": "GeoShape", box: "-68 -66 -62 -60" } },
      creator: [{ "@type": "Organization", name: "Demo 100% {Data}" }]
    })
    assert.deepStrictEqual(at(written(), "variableMeasured", 1), {
      "@type": "PropertyValue",
      name: "body_mass_g",
      alternateName: "Body mass",
      description: "Body mass",
      propertyID: "birds/body_mass_g"
    })
  })

  it("has the tags that everyone sees as keywords, and no labels beside them", () => {
    const tagged = { ...dataset, tags: [{ name: "mental health" }, { name: "ice" }] }
    assert.deepStrictEqual(at(Metadata.jsonLd({ ...described, dataset: tagged }), "keywords"), ["mental health", "ice"])
    assert.notProperty(Metadata.jsonLd({ ...described, dataset: { ...dataset, tags: [] } }), "keywords")
  })

  it("covers days to the last millisecond, before 1970 and long after, and says nothing of what no calendar has", () => {
    const covering = (temporalRange: ReadonlyArray<number | null>) =>
      at(Metadata.jsonLd({ ...described, dataset: { ...dataset, temporalRange } }), "temporalCoverage")
    assert.strictEqual(covering([Date.UTC(1763, 0, 1), Date.UTC(2023, 0, 1) - 1]), "1763-01-01/2022-12-31")
    assert.strictEqual(covering([-1826668800000, 3407961599999]), "1912-02-13/2077-12-28")
    assert.isUndefined(covering([0, 8.64e15 + 1]))
    assert.isUndefined(covering([null, 0]))
    const timeless = { ...dataset, updatedAt: 1e300, createdAt: 1e300 }
    assert.notInclude(JSON.stringify(Metadata.jsonLd({ ...described, dataset: timeless })), "NaN")
    assert.notInclude(Metadata.citation(timeless), "NaN")
  })

  it("of Croissant has a file and a set of records for each table, and a type for each variable", () => {
    const croissant = written({ format: "croissant", license: "https://creativecommons.org/licenses/by/4.0/" })
    assert.deepInclude(croissant, {
      "@type": "sc:Dataset",
      conformsTo: "http://mlcommons.org/croissant/1.0",
      license: "https://creativecommons.org/licenses/by/4.0/",
      isLiveDataset: true
    })
    assert.deepStrictEqual(at(croissant, "distribution"), [
      {
        "@type": "cr:FileObject",
        "@id": "birds.csv",
        name: "birds.csv",
        description: "One row a bird",
        contentUrl: "https://redivis.com/api/v1/tables/demo.penguins%3A5k9t%3Av1_2.birds/rows?format=csv",
        encodingFormat: "text/csv"
      },
      {
        "@type": "cr:FileObject",
        "@id": "nests%20%3Cold%3E.csv",
        name: "nests <old>.csv",
        contentUrl: "https://redivis.com/api/v1/tables/demo.penguins%3A5k9t%3Av1_2.nests%20%3Cold%3E/rows?format=csv",
        encodingFormat: "text/csv"
      }
    ])
    assert.deepStrictEqual(at(croissant, "recordSet", 0, "field", 2), {
      "@type": "cr:Field",
      "@id": "birds/seen%20at",
      name: "seen at",
      dataType: "sc:DateTime",
      source: { fileObject: { "@id": "birds.csv" }, extract: { column: "seen at" } }
    })
  })

  it("of Croissant with a proved file for every table is of a dataset that stays", () => {
    const file = { contentUrl: "https://files.example/x.parquet", sha256: "ab", encodingFormat: "a/b", size: 12 }
    const croissant = written({ format: "croissant", files: { birds: file, "nests <old>": file } })
    assert.notProperty(croissant, "isLiveDataset")
    assert.deepInclude(at(croissant, "distribution", 0), {
      contentUrl: "https://files.example/x.parquet",
      contentSize: "12 B",
      encodingFormat: "a/b",
      sha256: "ab"
    })
    // a table may be called as what every object has
    const odd = Metadata.jsonLd(
      { ...described, tables: [{ table: table("constructor"), variables: [variable("x", "newer")] }] },
      { format: "croissant", files: {} }
    )
    assert.include(JSON.stringify(odd), "\"sc:Text\"")
    assert.include(JSON.stringify(odd), "constructor/rows?format=csv")
  })
})
