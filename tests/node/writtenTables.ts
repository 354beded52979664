/**
 * Tables as files, and what may come back of them: written from RFC 4180, the
 * JSON grammar and the emulator's README, and from nothing that the emulator
 * reads with.
 */
import * as FastCheck from "fast-check"

/** A cell as it stands in a file; null where there is none. */
export type Cell = string | null

export interface Column {
  readonly name: string
  readonly cells: ReadonlyArray<Cell>
  /** What the cells are drawn as. */
  readonly kind: keyof typeof drawn
}

export type WrittenTable = ReadonlyArray<Column>

export interface Dialect {
  readonly delimiter: string
  readonly quote: string
  /** The same as the quote where it is doubled. */
  readonly escape: string
  readonly lineEnd: string
  readonly hasHeader: boolean
  /** What stands for null. */
  readonly marker: string
  readonly quotesAll: boolean
  /** Whether nulls at the end of a record are left out. */
  readonly isJagged: boolean
  readonly endsInLineEnd: boolean
  readonly hasMark: boolean
}

const scripts = ["Größe", "日本語", "שלום", "приве́т", "😀", "e\u0301", "\u2028", "\u00a0x", "\ufeffx"]

const awkward = [
  "a,b",
  "a;b",
  "a\tb",
  "a|b",
  "x::y",
  "say \"so\"",
  "\"",
  "''",
  "it's",
  "\\",
  "C:\\new\\",
  "one\ntwo",
  "one\r\ntwo",
  "one\rtwo",
  " lead",
  "trail ",
  "\n",
  "\\N",
  "NA",
  "null",
  "#x",
  "=1+1"
]

const text = FastCheck.oneof(
  FastCheck.constantFrom(...awkward, ...scripts),
  FastCheck.string({ unit: "grapheme", maxLength: 12 }).map((value) => value.replaceAll("\0", "0")),
  FastCheck.constantFrom("x".repeat(5000), "\"".repeat(200))
)

const integer = FastCheck.oneof(
  FastCheck.constantFrom("0", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993"),
  FastCheck.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
)

const float = FastCheck.oneof(
  FastCheck.constantFrom("1.5", "-0.25", "5e-324", "1.7976931348623157e308", "2.2250738585072014e-308", "0.1", "-1e-7"),
  FastCheck.double({ noNaN: true, noDefaultInfinity: true }).map((value) => {
    const printed = Object.is(value, -0) ? "-0.0" : String(value)
    return /[.e]/.test(printed) ? printed.replace("e+", "e") : `${printed}.0`
  })
)

const two = (value: number): string => String(value).padStart(2, "0")

const day = FastCheck.date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

const clock = FastCheck.tuple(FastCheck.nat(23), FastCheck.nat(59), FastCheck.nat(59), FastCheck.nat(999_999)).map(
  ([hour, minute, second, micros]) =>
    `${two(hour)}:${two(minute)}:${two(second)}${micros % 3 === 0 ? "" : `.${String(micros).padStart(6, "0")}`}`
)

const zone = FastCheck.constantFrom("Z", "+00:00", "+05:30", "-08:00", "+0200")

/** What cells are drawn from, and the type that a column of them has; none where that depends on them. */
export const drawn = {
  text: { cell: text, type: undefined },
  empty: { cell: FastCheck.constant(""), type: "string" },
  integer: { cell: integer, type: "integer" },
  float: { cell: float, type: "float" },
  boolean: { cell: FastCheck.constantFrom("true", "false"), type: "boolean" },
  date: { cell: day, type: "date" },
  dateTime: { cell: FastCheck.tuple(day, clock).map(([date, time]) => `${date}T${time}`), type: "dateTime" },
  zoned: {
    cell: FastCheck.tuple(day, clock, zone).map(([date, time, offset]) => `${date}T${time}${offset}`),
    type: "dateTime"
  },
  time: { cell: clock, type: "time" },
  // numbers that are none: what a number would lose
  leading: { cell: FastCheck.constantFrom("007", "+49170", "-0", "00", "-01", "+0"), type: undefined },
  beyond: {
    cell: FastCheck.constantFrom("9223372036854775808", "1e999", "1e-999", "12345678901234567.89", "0x10", "1_000"),
    type: undefined
  },
  mixed: {
    cell: FastCheck.oneof(
      integer,
      float,
      text,
      day,
      FastCheck.constantFrom("", "true", "NaN", "007", "-0", "+1", "1.50")
    ),
    type: undefined
  }
} as const satisfies Record<string, { readonly cell: FastCheck.Arbitrary<string>; readonly type: string | undefined }>

const kinds = Object.keys(drawn) as ReadonlyArray<keyof typeof drawn>

const name = FastCheck.oneof(
  { weight: 3, arbitrary: FastCheck.constantFrom("a", "A", "b", "id", "1", "__proto__", "rowid", "select", "", " ") },
  { weight: 2, arbitrary: text.map((value) => value.slice(0, 500)) }
)

export const tables: FastCheck.Arbitrary<WrittenTable> = FastCheck.tuple(
  FastCheck.nat(9),
  FastCheck.array(FastCheck.tuple(name, FastCheck.constantFrom(...kinds)), { minLength: 1, maxLength: 9 })
).chain(([rows, columns]) =>
  FastCheck.tuple(
    ...columns.map(([name, kind]) =>
      FastCheck.array(FastCheck.option(drawn[kind].cell, { freq: 4 }), { minLength: rows, maxLength: rows })
        .map((cells): Column => ({ name, kind, cells }))
    )
  )
)

export const dialects: FastCheck.Arbitrary<Dialect> = FastCheck.record({
  delimiter: FastCheck.constantFrom(",", ",", ";", "\t", "|", ":", "::", "\u00a6"),
  quoting: FastCheck.constantFrom(["\"", "\""], ["\"", "\""], ["'", "'"], ["\"", "\\"], ["'", "\\"], ["", ""]),
  lineEnd: FastCheck.constantFrom("\n", "\r\n", "\r", "mixed"),
  hasHeader: FastCheck.boolean(),
  marker: FastCheck.constantFrom("", "", "NA", "\\N"),
  quotesAll: FastCheck.boolean(),
  isJagged: FastCheck.boolean(),
  endsInLineEnd: FastCheck.boolean(),
  hasMark: FastCheck.boolean()
}).map(({ quoting: [quote, escape], ...rest }) => ({ ...rest, quote: quote!, escape: escape! }))

/** Files as RFC 4180 has them. */
export const standardDialects: FastCheck.Arbitrary<Dialect> = dialects.map((dialect) => ({
  ...dialect,
  delimiter: ",",
  quote: "\"",
  escape: "\"",
  lineEnd: dialect.lineEnd === "mixed" ? "\r\n" : dialect.lineEnd,
  marker: "",
  isJagged: false
}))

/** What the dialect has no way to write is written otherwise: without quotes there are no line breaks. */
export const writable = (table: WrittenTable, dialect: Dialect): WrittenTable => {
  if (dialect.quote !== "") return table
  const plain = (value: string): string => {
    const kept = value.replaceAll(/[\r\n]/g, "").replaceAll(dialect.delimiter, "")
    return kept === "" || kept === dialect.marker ? "x" : kept
  }
  return table.map((column) => ({
    ...column,
    name: plain(column.name),
    kind: "mixed",
    cells: column.cells.map((cell) => cell === null ? cell : plain(cell))
  }))
}

export const csvOf = (table: WrittenTable, dialect: Dialect): string => {
  const { delimiter, escape, isJagged, lineEnd, marker, quote, quotesAll } = dialect
  const quoted = (value: string): string => {
    const escaped = escape === quote
      ? value.replaceAll(quote, quote + quote)
      : value.replaceAll(escape, escape + escape).replaceAll(quote, escape + quote)
    return quote + escaped + quote
  }
  const special = [delimiter, quote, escape, "\r", "\n"]
  const valueOf = (cell: Cell): string => {
    if (cell === null) return marker
    if (quote === "") return cell
    return quotesAll || cell === "" || cell === marker || /^\s|\s$|^\ufeff/.test(cell) ||
        special.some((part) => cell.includes(part))
      ? quoted(cell)
      : cell
  }
  const records = Array.from({ length: table[0]!.cells.length }, (_, row) => table.map(({ cells }) => cells[row]!))
    .map((cells) => {
      let length = cells.length
      while (isJagged && length > 1 && cells[length - 1] === null) length--
      return cells.slice(0, length)
    })
  // a name is never null, but an empty one may stand as it is where it is not alone
  const header = table.map(({ name }) => name === "" && table.length > 1 && quote !== "" ? name : valueOf(name))
  const lines = [
    ...(dialect.hasHeader ? [header.join(delimiter)] : []),
    ...records.map((cells) => cells.map(valueOf).join(delimiter))
  ]
  const ends = ["\n", "\r\n", "\r"]
  const endOf = (line: number): string => lineEnd === "mixed" ? ends[line % 3]! : lineEnd
  // a last record with nothing in it needs its end to be one; a lone \r before \n would be one end of both
  return (dialect.hasMark ? "\ufeff" : "") +
    lines.map((line, index) =>
      index < lines.length - 1 || dialect.endsInLineEnd || line === ""
        ? safeEnd(line, endOf(index), lines[index + 1], endOf(index + 1))
        : ""
    ).map((end, index) => lines[index]! + end).join("")
}

/** An end that is no half of a longer one: a record with nothing in it may follow. */
const safeEnd = (_: string, end: string, next: string | undefined, nextEnd: string): string =>
  end === "\r" && next === "" && nextEnd.startsWith("\n") ? "\r\n" : end

const isNumber = (cell: string): boolean => /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(cell)

const jsonOf = (cell: Cell, kind: Column["kind"]): string => {
  if (cell === null) return "null"
  if (kind === "boolean") return cell
  const isPlain = kind === "integer" || kind === "float" || kind === "beyond" || kind === "mixed"
  return isPlain && isNumber(cell) ? cell : JSON.stringify(cell)
}

/** Objects, from which a null may be left out. Names that are there twice have a number behind them. */
export const objectsOf = (table: WrittenTable, leavesOut: boolean): ReadonlyArray<string> => {
  const names = table.map(({ name }, index) =>
    table.findIndex((other) => other.name === name) === index ? name : `${name} ${index}`
  )
  return Array.from(
    { length: table[0]!.cells.length },
    (_, row) =>
      `{${
        table.flatMap(({ cells, kind }, index) =>
          leavesOut && cells[row] === null && row > 0
            ? []
            : [`${JSON.stringify(names[index])}: ${jsonOf(cells[row]!, kind)}`]
        ).join(", ")
      }}`
  )
}

/** Names as the README has it: without blanks around them, never empty, never twice in any case. */
export const expectedNames = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const given: Array<string> = []
  const isTaken = (name: string): boolean => given.some((other) => other.toLowerCase() === name.toLowerCase())
  for (const [index, name] of names.entries()) {
    const wanted = name.trim() === "" ? `var${index + 1}` : name.trim()
    let free = wanted
    for (let count = 2; isTaken(free); count++) free = `${wanted}_${count}`
    given.push(free)
  }
  return given
}

/** Digits of a number, apart from where its point is. */
const digitsOf = (number: string): string =>
  number.toLowerCase().replace(/e.*$/, "").replaceAll(/[^0-9]/g, "").replace(/^0+/, "").replace(/0+$/, "")

/** Whether a number is what a text says: written with as many digits it has the same. */
const isSameNumber = (cell: string, value: number): boolean => {
  if (/^[-+]?inf|^[-+]?nan$/i.test(cell)) return !Number.isFinite(value)
  const digits = digitsOf(cell)
  if (digits === "") return value === 0 && Object.is(value, -0) === cell.startsWith("-")
  return Number(cell) === value && value !== 0 && digitsOf(value.toExponential(digits.length - 1)) === digits
}

const padded = (cell: string): string => cell.replaceAll(/(?<![\d.])\d(?!\d)/g, (digit) => `0${digit}`)

const microseconds = (time: string): string => {
  const [whole, fraction = ""] = time.split(".")
  return /[1-9]/.test(fraction) ? `${whole}.${fraction.padEnd(6, "0")}` : whole!
}

/** A date-time in UTC, from one with a zone or without. */
const moment = (cell: string): string => {
  const [, date, time = "00:00:00", offset] = /^(\S{8,10}?)(?:[ T]([\d:.]+)(.*))?$/.exec(cell)!
  const [clock, fraction = ""] = padded(time).split(".")
  const local = Date.parse(`${padded(date!)}T${clock}Z`)
  const match = /([-+])(\d\d):?(\d\d)/.exec(offset ?? "")
  const minutes = match === null ? 0 : (Number(match[2]) * 60 + Number(match[3])) * (match[1] === "-" ? -1 : 1)
  return microseconds(`${new Date(local - minutes * 60_000).toISOString().slice(0, 19)}.${fraction}`)
}

/** Whether what came back prints to the very text that was written, by the rules that the README names. */
export const isTheSame = (cell: Cell, type: string, value: unknown): boolean => {
  if (cell === null || value === null) return cell === value
  switch (type) {
    case "string":
    case "geography":
      return value === cell
    case "integer":
      return typeof value === "bigint" && String(value) === cell
    case "float":
      return typeof value === "number" && isSameNumber(cell, value)
    case "boolean":
      return typeof value === "boolean" && String(value) === cell.toLowerCase()
    case "date":
      return value === padded(cell)
    case "time":
      return value === microseconds(padded(cell))
    case "dateTime":
      return value === moment(cell)
    default:
      return false
  }
}

/** The type that a column must have, where its cells decide it. */
export const expectedType = ({ cells, kind }: Column): string | undefined => {
  const values = cells.filter((cell) => cell !== null)
  return values.length === 0 ? "string" : drawn[kind].type
}
