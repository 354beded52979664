/** A table of the eight types as CSV: every tenth value null, text of 200 characters. */

/** The same numbers each time: https://en.wikipedia.org/wiki/Xorshift. */
const makeDraw = (seed: number): (below: number) => number => {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const words = {
  ascii: [
    "income",
    "survey",
    "of",
    "households",
    "region",
    "in",
    "the",
    "year",
    "not",
    "answered",
    "follow-up",
    "wave"
  ],
  accented: ["revenu", "enquête", "des", "ménages", "région", "à", "année", "où", "réponse", "vague", "naïve", "São"]
}

const twoDigits = (value: number): string => String(value).padStart(2, "0")

const lengthOfText = 200

const textOf = (draw: (below: number) => number, vocabulary: ReadonlyArray<string>): string => {
  let text = ""
  while (text.length < lengthOfText) text += `${vocabulary[draw(vocabulary.length)]} `
  return `${text.slice(0, lengthOfText - 1)}.`
}

const coordinate = (draw: (below: number) => number): string =>
  `${draw(180)}.${String(draw(10_000)).padStart(4, "0")} ${draw(90)}.${String(draw(10_000)).padStart(4, "0")}`

/** An area whose text is about as long as that of a string. */
const areaOf = (draw: (below: number) => number): string => {
  const points = Array.from({ length: 11 }, () => coordinate(draw))
  return `"POLYGON ((${points.join(", ")}, ${points[0]}))"`
}

const dateOf = (draw: (below: number) => number): string =>
  `${1900 + draw(125)}-${twoDigits(1 + draw(12))}-${twoDigits(1 + draw(28))}`

const timeOf = (draw: (below: number) => number): string =>
  `${twoDigits(draw(24))}:${twoDigits(draw(60))}:${twoDigits(draw(60))}.${String(1 + draw(999_999)).padStart(6, "0")}`

/** What the text is made of; `none` leaves the columns of text out. */
export type Text = "ascii" | "accented" | "none"

/** Chunks of the file. */
export function* csv(rows: number, text: Text): Generator<string> {
  const draw = makeDraw(20_261_124)
  const columns: ReadonlyArray<readonly [name: string, value: () => string]> = [
    ["household", () => String(draw(2 ** 31) * 1000 + draw(1000))],
    ["weight", () => `${draw(1000)}.${1 + draw(999_999)}`],
    ["answered", () => draw(2) === 0 ? "true" : "false"],
    ["born", () => dateOf(draw)],
    ["asked_at", () => `${dateOf(draw)}T${timeOf(draw)}`],
    ["best_time", () => timeOf(draw)],
    ...(text === "none" ? [] : [
      ["remark", () => textOf(draw, words[text])],
      ["area", () => areaOf(draw)]
    ] as const)
  ]
  yield `${columns.map(([name]) => name).join(",")}\n`
  for (let row = 0; row < rows;) {
    let lines = ""
    for (const end = Math.min(rows, row + 1000); row < end; row++) {
      lines += `${columns.map(([, value]) => draw(10) === 0 ? "" : value()).join(",")}\n`
    }
    yield lines
  }
}
