/** The normal forms of names, by cases of the kinds that the service was recorded with and by their laws. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as FastCheck from "fast-check"
import * as Reference from "../src/contract/Reference.ts"

/** Names of the kinds that were recorded of the service, and what its references write for them. */
const cases: ReadonlyArray<readonly [name: string, normal: string]> = [
  ["Wing Lengths", "wing_lengths"],
  // what is at the end
  ["National Bird Census (NBC)", "national_bird_census_nbc"],
  ["National Bird Census (NBC) ", "national_bird_census_nbc"],
  ["Birds 20% [2006-2018]", "birds_20_2006_2018"],
  ["What is a bird?", "what_is_a_bird"],
  ["ends_", "ends"],
  ["ends__", "ends"],
  // what is at the start, which no recorded name has
  ["(draft) birds", "draft_birds"],
  ["_private", "private"],
  ["  birds", "birds"],
  // runs
  ["a__b", "a_b"],
  ["a _ b", "a_b"],
  ["birds  (CMS 5)", "birds_cms_5"],
  ["a - b", "a_b"],
  // signs inside
  ["Family & Facility Survey", "family_facility_survey"],
  ["Home/Yard/Barn", "home_yard_barn"],
  ["J-PAL", "j_pal"],
  ["Look–Alike Sites", "look_alike_sites"],
  ["St. Louis", "st_louis"],
  ["V3 Files: All Birds", "v3_files_all_birds"],
  ["The ring's number", "the_ring_s_number"],
  ["The ring’s number", "the_ring_s_number"],
  ["birds.csv", "birds_csv"],
  ["a`b", "a_b"],
  ["tab\there", "tab_here"],
  // digits and capitals
  ["2020 births", "2020_births"],
  ["1860", "1860"],
  ["ZIP_tract_public", "zip_tract_public"],
  ["CalEnviro", "calenviro"],
  // other scripts
  ["Été", "t"],
  ["Straße/№ 7", "stra_e_7"],
  ["Größe (cm)", "gr_e_cm"],
  ["birds 鳥", "birds"],
  ["鳥 birds", "birds"],
  ["中国", "_"],
  ["птицы", "_"],
  ["طيور", "_"],
  ["🐧", "_"],
  // the sign of Kelvin is no k, and the long s no s
  ["\u212a", "_"],
  ["\u017f", "_"],
  // nothing left
  ["", "_"],
  ["_", "_"],
  ["___", "_"],
  ["!", "_"]
]

describe("the normal form of a name", () => {
  it.each(cases)("of %j is %j", (name, normal) => {
    assert.strictEqual(Reference.normalizeName(name), normal)
  })

  it.each(cases)("is that of its own reference: %j and %j", (name, normal) => {
    const built = (text: string) => Reference.dataset({ owner: "o", name: text })
    const raw = built(name)
    const printed = built(normal)
    if (Result.isFailure(printed)) assert.fail(printed.failure.message)
    // no reference has a name of nothing or with a line break
    if (Result.isFailure(raw)) return
    assert.isTrue(Reference.equals(raw.success, printed.success))
    assert.strictEqual(Reference.normalize(raw.success).name, normal)
    assert.isTrue(Reference.isNamed(normal, name))
  })
})

const runs = { numRuns: 3000 }

const anything = FastCheck.oneof(
  FastCheck.string({ unit: "binary", maxLength: 8 }),
  FastCheck.string({ unit: "grapheme", maxLength: 8 }),
  FastCheck.string({ unit: "grapheme-composite", maxLength: 8 }),
  // halves of characters
  FastCheck.array(FastCheck.nat(0xffff), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  FastCheck.array(
    FastCheck.constantFrom(
      "a",
      "Z",
      "7",
      "_",
      "__",
      " ",
      "-",
      ".",
      "é",
      "e\u0301",
      "ß",
      "İ",
      "Σ",
      "ς",
      "鳥",
      "हि",
      "\u212a"
    ),
    { maxLength: 6 }
  ).map((pieces) => pieces.join(""))
)

describe("the laws of the normal forms", () => {
  const forms = { normalizeName: Reference.normalizeName, nameKey: Reference.nameKey }
  for (const [title, form] of Object.entries(forms)) {
    it(`${title} is final, never empty, and has no _ at its ends and no two in a row`, () => {
      FastCheck.assert(
        FastCheck.property(anything, (name) => {
          const normal = form(name)
          assert.strictEqual(form(normal), normal)
          assert.match(normal, /^(?:_|[^_]+(?:_[^_]+)*)$/)
        }),
        runs
      )
    })

    it(`${title} looks at nothing but letters, marks and digits, and at no capitals`, () => {
      const words = FastCheck.array(FastCheck.string({ unit: FastCheck.constantFrom(..."abcxyz0189"), minLength: 1 }), {
        minLength: 1,
        maxLength: 4
      })
      const between = FastCheck.string({ unit: FastCheck.constantFrom(...`_ -–./:&%()[]'’"\`+#?!\t\n№`), minLength: 1 })
      FastCheck.assert(
        FastCheck.property(words, between, between, (words, one, other) => {
          assert.strictEqual(form(one + words.join(other)), words.join("_"))
          assert.strictEqual(form(words.join(one).toUpperCase() + other), words.join("_"))
        }),
        runs
      )
    })
  }

  it("both are one for names in ASCII", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "binary-ascii" }), (name) => {
        assert.strictEqual(Reference.nameKey(name), Reference.normalizeName(name))
      }),
      runs
    )
  })

  it("nameKey does not ask whether a letter and its mark are one character or two", () => {
    FastCheck.assert(
      FastCheck.property(anything, (name) => {
        assert.strictEqual(Reference.nameKey(name.normalize("NFD")), Reference.nameKey(name.normalize("NFC")))
        assert.isTrue(Reference.isSameName(name.normalize("NFD"), name.normalize("NFC")))
      }),
      runs
    )
  })

  it("the very same names are told apart by no form", () => {
    FastCheck.assert(
      FastCheck.property(anything, anything, (one, other) => {
        assert.isTrue(Reference.isNamed(one, one))
        assert.isTrue(Reference.isNamed(Reference.normalizeName(one), one))
        assert.isTrue(Reference.isNamed(Reference.nameKey(one), one))
        if (Reference.isSameName(one, other)) assert.isTrue(Reference.isNamed(one, other))
      }),
      runs
    )
  })
})

/**
 * What programs write for a name before they ask for it: `\W+` as `_`, in lower
 * case, with a `\w` of ASCII or of all scripts, and whether they trim or not.
 */
const written: ReadonlyArray<(name: string) => string> = [/\W+/g, /[^\p{L}\p{N}_]+/gu, /[^\p{L}\p{M}\p{N}_]+/gu]
  .flatMap(
    (between) => [
      (name: string) => name.replace(between, "_").toLowerCase(),
      (name: string) => name.replace(between, "_").toLowerCase().replace(/^_+|_+$/g, "")
    ]
  )

describe("what a server looks for", () => {
  it("is found by every form that a program writes for a name", () => {
    let asked = 0
    FastCheck.assert(
      FastCheck.property(anything, (name) => {
        for (const form of [...written, Reference.normalizeName, Reference.nameKey, (text: string) => text]) {
          const text = form(name)
          // nobody asks for nothing
          if (text === "") continue
          asked++
          assert.strictEqual(Reference.findNamed(text, [name], (one) => one), name, JSON.stringify([name, text]))
        }
      }),
      runs
    )
    assert.isAbove(asked, 15_000)
  })

  it.each([
    ["Straße/№ 7", "straße_7"],
    ["Straße/№ 7", "stra_e_7"],
    ["Straße/№ 7", "stra_e_7_"],
    ["हिन्दी नाम", "ह_न_द_न_म"],
    ["ΟΔΟΣ.Α", "οδος_α"],
    ["İzmir", "i\u0307zmir"]
  ])("%j is found by %j", (name, text) => {
    assert.strictEqual(Reference.findNamed(text, ["another", name], (one) => one), name)
  })

  it("is the very name before another spelling of it, wherever it stands", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(anything, { maxLength: 5 }), anything, (others, name) => {
        for (const text of [name, name.normalize("NFD")]) {
          const found = Reference.findNamed(text, [...others, name], (one) => one)
          assert.isTrue(found !== undefined && Reference.isSameName(found, name))
        }
      }),
      runs
    )
  })

  it("is with the letters of other scripts before without them", () => {
    const names = ["日本", "中国", "Стрижи", "birds"]
    const find = (text: string, nearest?: boolean) => Reference.findNamed(text, names, (one) => one, { nearest })
    assert.strictEqual(find("中国"), "中国")
    assert.strictEqual(find("СТРИЖИ"), "Стрижи")
    assert.isUndefined(find("韓国"))
    assert.isUndefined(find("韓国", true))
    // as the service writes all three
    assert.strictEqual(find("_"), "日本")
    assert.strictEqual(find("BIRDS!", true), "birds")
    assert.isUndefined(find("nests"))
  })

  it("has no letters of other scripts that the text has not, where the text has some", () => {
    const scripts = ["日本中国東京大阪韓", "éüßöøñçàœ", "жщыэюя", "हिन्दूनाम", "ابتثج", "αβγδεΣς", "กขคงจ", "٣४५"]
    const names = FastCheck.constantFrom(...scripts).chain((letters) =>
      FastCheck.array(FastCheck.constantFrom(...letters, "a", "7", "_", " ", "-", "№"), { minLength: 1, maxLength: 6 })
        .map((pieces) => pieces.join(""))
    ).filter((name) => /[\p{L}\p{N}](?<![a7])/u.test(name))
    let apart = 0
    FastCheck.assert(
      FastCheck.property(names, names, (one, other) => {
        if (Reference.nameKey(one) === Reference.nameKey(other)) return
        // a name that is what programs write for the other, without its marks, is no name of its own
        if (/\p{M}/u.test(one + other) && /_/.test(one + other)) return
        apart++
        assert.isUndefined(Reference.findNamed(one, [other], (name) => name), `${one} finds ${other}`)
        assert.isFalse(Reference.isNamed(one, other), `${one} names ${other}`)
        const built = (name: string) => Result.getOrThrow(Reference.dataset({ owner: "o", name }))
        if (one.trim() !== "" && other.trim() !== "") {
          assert.isFalse(Reference.equals(built(one), built(other)), `${one} is ${other}`)
        }
      }),
      runs
    )
    assert.isAbove(apart, 2000)
  })

  it.each([
    ["東京", "大阪"],
    ["birds_été", "birds_ütü"],
    ["Größe", "Gräße"],
    ["été", "t"],
    ["हिन्दी", "हिन्दू"],
    ["№", "日本"],
    ["!", "日本"],
    ["St. Louis", "Sté Louis"]
  ])("is not found by a name of its own: %j does not find %j", (text, name) => {
    assert.isUndefined(Reference.findNamed(text, [name], (one) => one))
  })

  it("two names are one only where nothing tells them apart", () => {
    for (const [one, other] of [["日本", "中国"], ["Größe", "Grösse"], ["हिन्दी", "हिन्दू"], ["été", "ete"]]) {
      assert.isFalse(Reference.isNamed(one!, other!), `${one} ${other}`)
    }
    for (const [one, other] of [["_", "中国"], ["stra_e_7", "Straße/№ 7"], ["STRASSE 7", "Strasse/7"]]) {
      assert.isTrue(Reference.isNamed(one!, other!), `${one} ${other}`)
    }
  })
})
