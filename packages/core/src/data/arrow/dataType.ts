/**
 * Units in which times and timestamps count.
 *
 * @category models
 * @since 0.1.0
 */
export type TimeUnit = "second" | "millisecond" | "microsecond" | "nanosecond"

/**
 * Whole numbers of 8 to 64 bits.
 *
 * @category models
 * @since 0.1.0
 */
export interface Int {
  readonly _tag: "Int"
  readonly bitWidth: 8 | 16 | 32 | 64
  readonly signed: boolean
}

/**
 * The types whose values stand in the column itself.
 *
 * @category models
 * @since 0.1.0
 */
export type PlainType =
  | { readonly _tag: "Null" }
  | { readonly _tag: "Bool" }
  | Int
  | { readonly _tag: "Float"; readonly bitWidth: 16 | 32 | 64 }
  | { readonly _tag: "Utf8" }
  | { readonly _tag: "LargeUtf8" }
  | { readonly _tag: "Date"; readonly unit: "day" | "millisecond" }
  | { readonly _tag: "Time"; readonly unit: TimeUnit; readonly bitWidth: 32 | 64 }
  | { readonly _tag: "Timestamp"; readonly unit: TimeUnit; readonly timezone: string | undefined }

/**
 * A column of indices into a dictionary that the stream sends beside it.
 *
 * @category models
 * @since 0.1.0
 */
export interface DictionaryType {
  readonly _tag: "Dictionary"
  readonly id: bigint
  readonly indices: Int
  readonly values: PlainType
  readonly ordered: boolean
}

/**
 * The type of a column: a flat type, or a dictionary of one.
 *
 * @category models
 * @since 0.1.0
 */
export type DataType = PlainType | DictionaryType

/** Whether two columns of these types can share a dictionary. */
export const isSameType = (left: PlainType, right: PlainType): boolean => {
  if (left._tag !== right._tag) {
    return false
  }
  // equal tags have equal keys, and all of them are plain values
  const keys = Object.keys(left) as Array<keyof PlainType>
  return keys.every((key) => left[key] === right[key])
}
