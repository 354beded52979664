/** Metadata as others read it, held against an independent processor of JSON-LD. */
import * as Codebook from "@effect-redivis/core/Codebook"
import * as Metadata from "@effect-redivis/core/Metadata"
import * as Emulator from "@effect-redivis/emulator/Emulator"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import jsonld from "jsonld"
import { during, seed } from "./publishingSeed.ts"

const base = "https://redivis.com/datasets/x/"

/** As the processor understands it, which refuses whatever it would drop. */
const expanded = (document: Metadata.Json) =>
  Effect.promise(async () => {
    const [whole] = await jsonld.expand(Object(document), {
      base,
      safe: true,
      // what schema.org serves under this address, as far as it concerns names of properties
      documentLoader: async (url) => {
        assert.strictEqual(url, "https://schema.org/")
        return { documentUrl: url, document: { "@context": { "@vocab": "https://schema.org/" } } }
      }
    })
    return whole!
  })

/** Every object in a document that was expanded. */
const nodesIn = (value: unknown): ReadonlyArray<Record<string, unknown>> =>
  Array.isArray(value)
    ? value.flatMap(nodesIn)
    : typeof value === "object" && value !== null
    ? [value as Record<string, unknown>, ...Object.values(value).flatMap(nodesIn)] // it is an object
    : []

const ofType = (document: unknown, type: string) =>
  nodesIn(document).filter((node) => (node["@type"] as ReadonlyArray<string> | undefined)?.includes(type))

const idOf = (value: unknown): unknown => nodesIn(value)[0]?.["@id"]

const sc = "https://schema.org/"
const cr = "http://mlcommons.org/croissant/"

layer(Emulator.layerTest, { excludeTestServices: true })("metadata", (it) => {
  it.effect("is read with a listing for each table and a request for each variable, which carries its statistics", () =>
    Effect.gen(function*() {
      yield* seed("described")
      const { operations, value } = yield* during(Metadata.read("researcher.described"))
      assert.deepStrictEqual(operations, [
        "datasets.get",
        "tables.listByDataset",
        ...Array.from({ length: 5 }, () => "variables.getByTable"),
        ...Array.from({ length: 4 }, () => "variables.listByTable")
      ])
      assert.strictEqual(value.dataset.version?.tag, "v2.0")
      const csv = Codebook.table(value.tables, { format: "csv" }).split("\r\n")
      assert.deepStrictEqual(csv.slice(0, 3), [
        "table,variable,type,label,description,values,count,distinct,min,max,mean,median,deviation",
        "birds,species,string,Species,In Latin,,3,1,,,,,",
        "birds,mass,integer,,,,3,3,1,3,2,2,1"
      ])
      const plain = Codebook.table(value.tables, { format: "csv", statistics: false }).split("\r\n")
      assert.deepStrictEqual(plain.slice(1, 3), ["birds,species,string,Species,In Latin,", "birds,mass,integer,,,"])
      assert.match(Metadata.citation(value.dataset), /described \(Version 2\.0\) \[Data set\]/)
    }))

  it.effect("asks for no single variable where listings are enough", () =>
    Effect.gen(function*() {
      yield* seed("listed")
      const { operations, value } = yield* during(Metadata.read("researcher.listed", { variables: "listed" }))
      assert.strictEqual(operations.length, 6)
      const csv = Codebook.table(value.tables, { format: "csv" }).split("\r\n")
      assert.deepStrictEqual(csv.slice(0, 2), [
        "table,variable,type,label,description,values",
        "birds,species,string,Species,,"
      ])
    }))

  it.effect("is a Dataset of schema.org whose every word a processor understands", () =>
    Effect.gen(function*() {
      yield* seed("searched")
      const dataset = yield* expanded(Metadata.jsonLd(yield* Metadata.read("researcher.searched")))
      assert.deepStrictEqual(dataset["@type"], [`${sc}Dataset`])
      for (const name of ["name", "description", "url", "creator", "version", "datePublished"]) {
        assert.property(dataset, sc + name)
      }
      for (const node of nodesIn(dataset)) {
        for (const key of Object.keys(node)) assert.isTrue(key.startsWith("@") || key.startsWith(sc), key)
      }
      assert.strictEqual(ofType(dataset, `${sc}PropertyValue`).length, 5)
    }))

  it.effect("is a dataset of Croissant 1.0 whose fields all come from columns of its files", () =>
    Effect.gen(function*() {
      yield* seed("baked")
      const dataset = yield* expanded(
        Metadata.jsonLd(yield* Metadata.read("researcher.baked"), {
          format: "croissant",
          license: "https://creativecommons.org/licenses/by/4.0/"
        })
      )
      assert.deepStrictEqual(dataset["http://purl.org/dc/terms/conformsTo"], [
        { "@value": "http://mlcommons.org/croissant/1.0", "@language": "en" }
      ])
      // what the specification requires of every dataset
      for (const name of ["name", "description", "license", "url", "creator", "datePublished"]) {
        assert.property(dataset, sc + name)
      }
      const files = ofType(dataset, `${cr}FileObject`)
      const records = ofType(dataset, `${cr}RecordSet`)
      const fields = ofType(dataset, `${cr}Field`)
      assert.deepStrictEqual([files.length, records.length, fields.length], [4, 4, 5])
      const known = new Set(files.map((file) => file["@id"]))
      for (const file of files) {
        for (const name of ["name", "contentUrl", "encodingFormat"]) assert.property(file, sc + name)
      }
      for (const field of fields) {
        assert.match(String(idOf(field[`${cr}dataType`])), /^https:\/\/schema\.org\/(Text|Integer)$/)
        const source = nodesIn(field[`${cr}source`])[0]
        assert.isTrue(known.has(idOf(source?.[`${cr}fileObject`])))
        assert.property(nodesIn(source?.[`${cr}extract`])[0], `${cr}column`)
      }
      const ids = [...files, ...records, ...fields].map((node) => node["@id"])
      assert.strictEqual(new Set(ids).size, ids.length)
    }))
})
