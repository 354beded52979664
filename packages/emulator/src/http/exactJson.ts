/**
 * JSON with all its digits: an integer that a number does not hold is a bigint.
 *
 * @since 0.1.0
 */

/** What a reviver learns beside the value, since V8 11.4; the library that TypeScript brings does not know it yet. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

const exact: Reviver = (_, value, { source }) =>
  typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value

/** Reads JSON. Throws what `JSON.parse` throws. */
export const parse = (text: string): unknown =>
  // a reviver costs several times the reading: fewer digits are a number's in any case
  /\d{16}/.test(text)
    ? JSON.parse(text, exact as (this: unknown, key: string, value: unknown) => unknown)
    : JSON.parse(text)

const rawJson = (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON

/** Writes JSON, a bigint as the number that it is. */
export const stringify = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => typeof item === "bigint" ? rawJson(String(item)) : item)
