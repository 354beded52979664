/**
 * Functions of regular expressions. Both sides use RE2; patterns have to be
 * written out, so that what they capture is known.
 *
 * @since 0.1.0
 */
import { type Context, type Definition, native, of, scalar } from "../Function.ts"
import { refuse } from "../SqlError.ts"
import type { Expression } from "../syntax.ts"
import { constantInteger, constantText, once, quoteText } from "../Value.ts"

interface Pattern {
  readonly text: string
  readonly groups: number
  /** Whether the first group takes part in every match. */
  readonly isCertain: boolean
}

const readPattern = (node: Expression, name: string): Pattern => {
  const text = constantText(node)
  if (text === undefined) {
    return refuse(`The pattern of ${name} has to be a text that is written out`, node.at, "computed regular expression")
  }
  return { text, ...groupsOf(text) }
}

/** Counts the groups that capture, and looks whether the first may be left out of a match. */
const groupsOf = (text: string): { readonly groups: number; readonly isCertain: boolean } => {
  let groups = 0
  let isCertain = true
  /** Open groups: whether each is the first that captures, or encloses it. */
  const open: Array<{ isFirst: boolean; holdsFirst: boolean; hasChoice: boolean }> = [
    { isFirst: false, holdsFirst: false, hasChoice: false }
  ]
  const mayBeLeftOut = (at: number): boolean => /^(?:[?*]|\{0)/.test(text.slice(at))
  for (let at = 0; at < text.length; at++) {
    const unit = text[at]
    if (unit === "\\") {
      if (text[at + 1] === "Q") {
        const end = text.indexOf("\\E", at + 2)
        at = end < 0 ? text.length : end + 1
      } else at++
    } else if (unit === "[") {
      let close = at + 1
      if (text[close] === "^") close++
      if (text[close] === "]") close++
      for (; close < text.length && text[close] !== "]"; close++) {
        if (text[close] === "\\") close++
        else if (text.startsWith("[:", close)) close = Math.max(text.indexOf(":]", close) + 1, close)
      }
      at = close
    } else if (unit === "(") {
      const captures = text[at + 1] !== "?" || /^\(\?P?</.test(text.slice(at))
      const isFirst = captures && groups === 0
      if (captures) groups++
      open.push({ isFirst, holdsFirst: isFirst, hasChoice: false })
    } else if (unit === "|") {
      open.at(-1)!.hasChoice = true
    } else if (unit === ")" && open.length > 1) {
      const closed = open.pop()!
      if (closed.holdsFirst) {
        open.at(-1)!.holdsFirst = true
        // a choice inside the first group itself is part of what it captures
        if (mayBeLeftOut(at + 1) || (closed.hasChoice && !closed.isFirst)) isCertain = false
      }
    }
  }
  if (open[0]!.holdsFirst && open[0]!.hasChoice) isCertain = false
  return { groups, isCertain }
}

const oneGroup = (context: Context): 0 | 1 => {
  const { node } = context
  const pattern = readPattern(node.arguments[1]!, node.name)
  if (pattern.groups > 1) {
    refuse(
      `The pattern of ${node.name} may capture one group, not ${pattern.groups}; write (?:...) for the others`,
      node.arguments[1]!.at
    )
  }
  if (!pattern.isCertain) {
    refuse(
      "A group that a match may leave out is not supported",
      node.arguments[1]!.at,
      "optional group in a regular expression"
    )
  }
  return pattern.groups === 1 ? 1 : 0
}

const extract: Definition = scalar(
  of("STRING, STRING -> STRING", ([text, pattern], context) => {
    const group = oneGroup(context)
    return once(
      text!,
      (bound) =>
        `CASE WHEN regexp_matches(${bound}, ${pattern}) THEN regexp_extract(${bound}, ${pattern}, ${group}) END`
    )
  }),
  of("STRING, STRING, INT64 -> STRING", ([text, pattern], context) => {
    const group = oneGroup(context)
    const written = constantInteger(context.node.arguments[2]!)
    if (written === undefined || written < 1) {
      return refuse("The position in REGEXP_EXTRACT is a positive number that is written out", context.at)
    }
    if (context.values[1]!.literal?.text.includes("^")) {
      return refuse("A pattern with ^ and a position is not supported", context.at, "REGEXP_EXTRACT from a position")
    }
    const from = Math.min(written, 2_147_483_647)
    return once(
      text!,
      (whole) =>
        once(
          `substring(${whole}, ${from})`,
          (bound) =>
            `CASE WHEN ${from} <= length(${whole}) + 1 AND regexp_matches(${bound}, ${pattern}) THEN regexp_extract(${bound}, ${pattern}, ${group}) END`
        )
    )
  })
)

/** What a pattern holds that may fit an empty text. */
const mayBeEmpty = /[*?{|^$()]|\\[bBAzQ]|^$/

/**
 * Every match, one after the other; behind an empty one a character is passed
 * over, and at the end of the text the search is over. DuckDB gives a match that
 * is empty a second time where it passed over something before it, and another
 * one at the end. So each is taken together with what was passed over.
 */
const allMatches = (text: string, pattern: string, group: 0 | 1): string => {
  const spread = quoteText(`((?s:.*?))(${pattern})`)
  const list = (index: number): string => `regexp_extract_all(${text}, ${spread}, ${index})`
  const item = (of: string, index: string): string => `list_extract(struct_extract(found, '${of}'), ${index})`
  const isAgain = `i > 1 AND ${item("gaps", "i")} = '' AND ${item("matches", "i")} = '' AND ${
    item("matches", "i - 1")
  } = '' AND ${item("gaps", "i - 1")} <> ''`
  const kept = `list_filter(range(1, len(struct_extract(found, 'matches')) + 1), lambda i: NOT (${isAgain}))`
  const length = `list_sum(list_transform(kept[1:-2], lambda i: length(${item("gaps", "i")}) + greatest(length(${
    item("matches", "i")
  }), 1)))`
  const isPast = `len(kept) > 1 AND ${
    item("matches", "kept[-1]")
  } = '' AND ${length} >= length(struct_extract(found, 'text'))`
  const all = `{'text': ${text}, 'gaps': ${list(1)}, 'matches': ${list(2)}, 'values': ${list(group === 0 ? 2 : 3)}}`
  return `list_extract(list_transform([${all}], lambda found: list_extract(list_transform([${kept}], lambda kept:` +
    ` list_transform(CASE WHEN ${isPast} THEN kept[1:-2] ELSE kept END, lambda i: ${item("values", "i")})), 1)), 1)`
}

export const regularExpressions: Readonly<Record<string, Definition>> = {
  REGEXP_CONTAINS: scalar(native("STRING, STRING -> BOOL", ([text, pattern], { node }) => {
    readPattern(node.arguments[1]!, node.name)
    return `regexp_matches(${text}, ${pattern})`
  })),
  REGEXP_EXTRACT: extract,
  REGEXP_EXTRACT_ALL: scalar(of("STRING, STRING -> STRING[]", ([text, pattern], context) => {
    const group = oneGroup(context)
    const written = context.values[1]!.literal!.text
    return mayBeEmpty.test(written)
      ? allMatches(text!, written, group)
      : `regexp_extract_all(${text}, ${pattern}, ${group})`
  })),
  REGEXP_REPLACE: scalar(native("STRING, STRING, STRING -> STRING", ([text, pattern, replacement], { node }) => {
    const { groups } = readPattern(node.arguments[1]!, node.name)
    const written = constantText(node.arguments[2]!)
    if (written === undefined) {
      return refuse(
        "The replacement of REGEXP_REPLACE has to be a text that is written out",
        node.arguments[2]!.at,
        "computed replacement"
      )
    }
    for (const [, escaped] of written.matchAll(/\\([^])|\\$/g)) {
      if (escaped !== "\\" && (escaped === undefined || !/\d/.test(escaped) || Number(escaped) > groups)) {
        refuse(
          `\\${escaped ?? ""} in the replacement names no group of the pattern; write \\\\\\\\ for a backslash`,
          node.arguments[2]!.at
        )
      }
    }
    return `regexp_replace(${text}, ${pattern}, ${replacement}, 'g')`
  }))
}
