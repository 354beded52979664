/** The text of programs in SAS and Stata that read a CSV file with a header, as the variables say. */
import { variableKey } from "../store/identifiers.ts"
import type * as Model from "../store/model.ts"

export interface Script {
  /** Of the data set that is made. */
  readonly name: string
  readonly filePath: string
  readonly termstr: string | undefined
  /** The longest text of variables in bytes, by their keys. */
  readonly lengths: ReadonlyMap<string, number>
  readonly variables: ReadonlyArray<Model.Variable>
}

/** On one line, as neither program takes a text over several, and without what would act on a terminal. */
const onOneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")

/** A text of SAS. Inside of double quotes it runs macros (`%name`) and their variables (`&name`), in single ones it does not. */
const quoteOfSas = (text: string): string => {
  const line = onOneLine(text)
  return /[%&]/.test(line) ? `'${line.replaceAll("'", "''")}'` : `"${line.replaceAll("\"", "\"\"")}"`
}

/**
 * A text of Stata, which replaces macros (`\`name'` and `$name`) in every kind of
 * quotes but behind a backslash, and ends the outer quotes at `"'`, which nothing
 * can be put before.
 */
const quoteOfStata = (text: string): string => {
  const line = onOneLine(text).replaceAll(/[`$]/g, "\\$&")
  // a backslash at the end would be one before what ends the text
  const closed = line.endsWith("\\") ? `${line} ` : line
  return closed.includes("\"") ? `\`"${closed.replaceAll("\"'", "\" '").replace(/"$/, "\" ")}"'` : `"${closed}"`
}

const isNumber = (text: string): boolean => /^-?\d{1,300}(?:\.\d{1,300})?$/.test(text)

/** A name that programs take: letters, digits and underscores, at most 32 of them. */
export const plainName = (name: string): string => {
  const plain = name.replaceAll(/\W/g, "_").slice(0, 32)
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`.slice(0, 32)
}

/** The plain names, each once without regard to case. */
const plainNames = (variables: ReadonlyArray<Model.Variable>): ReadonlyArray<string> => {
  const taken = new Set<string>()
  return variables.map(({ name }) => {
    let plain = plainName(name)
    for (let count = 2; taken.has(plain.toLowerCase()); count++) {
      plain = `${plainName(name).slice(0, 32 - String(count).length - 1)}_${count}`
    }
    taken.add(plain.toLowerCase())
    return plain
  })
}

const isText = ({ type }: Model.Variable): boolean => type === "string" || type === "geography" || type === "boolean"

// ---------------------------------------------------------------------------------------------------------------------

const sasTypes: Readonly<Partial<Record<Model.VariableType, readonly [informat: string, format: string]>>> = {
  integer: ["best32.", "best20."],
  float: ["best32.", "best20."],
  date: ["yymmdd10.", "yymmdd10."],
  dateTime: ["anydtdtm40.", "datetime26.6"],
  time: ["time15.", "time15.6"]
}

const defaultTextLength = 32_767

export const sasScript = ({ filePath, lengths, name, termstr, variables }: Script): string => {
  const names = plainNames(variables)
  const lengthOf = (variable: Model.Variable): string =>
    `$${variable.type === "boolean" ? 5 : lengths.get(variableKey(variable.name)) ?? defaultTextLength}.`
  const typed = variables.map((variable, index) => {
    const [informat, format] = isText(variable)
      ? [lengthOf(variable), lengthOf(variable)]
      : sasTypes[variable.type] ?? ["best32.", "best20."]
    return { variable, plain: names[index]!, informat, format }
  })
  const labelsOf = (variable: Model.Variable) =>
    variable.valueLabels.filter(({ value }) => isText(variable) || isNumber(value))
  const formats = typed.filter(({ variable }) => labelsOf(variable).length > 0)
  const formatName = (plain: string): string => `${plain.slice(0, 29)}_f`
  return [
    ...formats.length === 0 ? [] : [
      "proc format;",
      ...formats.flatMap(({ plain, variable }) => [
        `  value ${isText(variable) ? "$" : ""}${formatName(plain)}`,
        ...labelsOf(variable).map(({ label, value }) =>
          `    ${isText(variable) ? quoteOfSas(value) : value} = ${quoteOfSas(label)}`
        ),
        "  ;"
      ]),
      "run;",
      ""
    ],
    `data ${name};`,
    `  infile ${quoteOfSas(filePath)} delimiter = "," missover dsd firstobs = 2 lrecl = 1048576 encoding = "utf-8"${
      termstr === undefined ? "" : ` termstr = ${termstr}`
    };`,
    ...typed.map(({ informat, plain }) => `  informat ${plain} ${informat};`),
    ...typed.map(({ format, plain }) => `  format ${plain} ${format};`),
    ...typed.flatMap(({ plain, variable }) =>
      variable.label === null || variable.label === "" ? [] : [`  label ${plain} = ${quoteOfSas(variable.label)};`]
    ),
    "  input",
    ...typed.map(({ plain, variable }) => `    ${plain}${isText(variable) ? " $" : ""}`),
    "  ;",
    ...formats.map(({ plain, variable }) => `  format ${plain} ${isText(variable) ? "$" : ""}${formatName(plain)}.;`),
    "run;",
    ""
  ].join("\n")
}

// ---------------------------------------------------------------------------------------------------------------------

/** From text to what Stata counts in, and how it is shown. */
const stataTypes: Readonly<Partial<Record<Model.VariableType, readonly [read: string, format: string]>>> = {
  date: ["date(%, \"YMD\")", "%td"],
  dateTime: ["clock(%, \"YMDhms\")", "%tc"],
  time: ["clock(%, \"hms\")", "%tcHH:MM:SS"]
}

export const stataScript = ({ filePath, variables }: Script): string => {
  const names = plainNames(variables)
  const typed = variables.map((variable, index) => ({ variable, plain: names[index]!, position: index + 1 }))
  return [
    "clear",
    `import delimited ${quoteOfStata(filePath)}, varnames(nonames) rowrange(2) delimiters(",") bindquote(strict) ` +
    "maxquotedrows(unlimited) stringcols(_all) encoding(\"utf-8\")",
    ...typed.map(({ plain, position }) => `rename v${position} ${plain}`),
    ...typed.flatMap(({ plain, variable }) => {
      const [read, format] = stataTypes[variable.type] ?? []
      if (read !== undefined) {
        return [
          `generate double _${plain.slice(0, 31)} = ${read.replace("%", plain)}`,
          `drop ${plain}`,
          `rename _${plain.slice(0, 31)} ${plain}`,
          `format ${plain} ${format}`
        ]
      }
      if (variable.type === "boolean") {
        return [
          `replace ${plain} = cond(${plain} == "true", "1", cond(${plain} == "false", "0", ""))`,
          `destring ${plain}, replace`
        ]
      }
      return isText(variable) ? [] : [`destring ${plain}, replace`]
    }),
    ...typed.flatMap(({ plain, variable }) =>
      variable.label === null || variable.label === ""
        ? []
        : [`label variable ${plain} ${quoteOfStata(variable.label)}`]
    ),
    // value labels are for numbers alone
    ...typed.flatMap(({ plain, variable }) => {
      const labels = variable.valueLabels.filter(({ value }) => /^-?\d+$/.test(value))
      return labels.length === 0 || variable.type !== "integer" ? [] : [
        `label define ${plain.slice(0, 28)}_lbl ${
          labels.map(({ label, value }) => `${value} ${quoteOfStata(label)}`).join(" ")
        }`,
        `label values ${plain} ${plain.slice(0, 28)}_lbl`
      ]
    }),
    ""
  ].join("\n")
}
