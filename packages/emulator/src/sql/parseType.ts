/**
 * Reads types.
 *
 * @since 0.1.0
 */
import type { Cursor } from "./Cursor.ts"
import type { TypeNode } from "./syntax.ts"

/** `started`: the word ARRAY or STRUCT that was taken already. */
export const parseType = (
  cursor: Cursor,
  started?: { readonly name: string; readonly at: number } | undefined
): TypeNode =>
  cursor.nested(() => {
    const at = started?.at ?? cursor.at
    if (started === undefined && cursor.token.kind !== "name") cursor.unexpected("a type")
    const name = started?.name ?? cursor.take().upper
    if (name === "ARRAY") {
      cursor.expectSymbol("<")
      const element = parseType(cursor)
      cursor.expectSymbol(">")
      return { name, at, parameters: [], element }
    }
    if (name === "STRUCT") {
      const fields: Array<{ readonly name: string | undefined; readonly type: TypeNode }> = []
      // the lexer takes an empty list for one token
      if (cursor.symbol("<>")) return { name, at, parameters: [], fields }
      cursor.expectSymbol("<")
      if (!cursor.isSymbol(">")) {
        do {
          const isNamed = cursor.token.kind === "quotedName" || cursor.next.kind === "name"
          const field = isNamed ? cursor.anyName("the name of a field").name : undefined
          fields.push({ name: field, type: parseType(cursor) })
        } while (cursor.symbol(","))
      }
      cursor.expectSymbol(">")
      return { name, at, parameters: [], fields }
    }
    const parameters: Array<string> = []
    if (cursor.symbol("(")) {
      do parameters.push(cursor.take().upper)
      while (cursor.symbol(","))
      cursor.expectSymbol(")")
    }
    return { name, at, parameters }
  })
