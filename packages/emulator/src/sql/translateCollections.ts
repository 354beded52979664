/**
 * Translates arrays and structs.
 *
 * @since 0.1.0
 */
import { allow } from "./allow.ts"
import { castValue } from "./casts.ts"
import { coerce, unify } from "./coercion.ts"
import type { Env } from "./Env.ts"
import { refuse } from "./SqlError.ts"
import type { Expression } from "./syntax.ts"
import { translate } from "./translateExpression.ts"
import * as Types from "./types.ts"
import { castTo, type Value, value } from "./Value.ts"

type Of<K extends Expression["kind"]> = Extract<Expression, { readonly kind: K }>

export const array = (node: Of<"array">, env: Env): Value => {
  const { at } = node
  allow("expression ARRAY", at)
  const elements = node.elements.map((element) => translate(element, env))
  if (node.type !== undefined) {
    const type = Types.resolveType(node.type)
    if (type.kind !== "array") return refuse("Expected a type of arrays", at)
    const cast = elements.map((element) => castLiteral(element, type.element))
    return value(castTo(`[${cast.map((each) => each.sql).join(", ")}]`, type), type, at)
  }
  if (elements.length === 0) return value("[]", Types.arrayOf(Types.unknown), at)
  const [common, values] = unify(elements, "the elements of an array", at)
  if (common.kind === "array") refuse("An array of arrays is not possible; put a struct between them", at)
  return value(`[${values.map((each) => each.sql).join(", ")}]`, Types.arrayOf(common), at, {
    isPresent: true,
    isTotal: values.every((each) => each.isTotal === true)
  })
}

const castLiteral = (from: Value, type: Types.Type): Value =>
  from.type.kind === "struct" ?
    castValue(from, type, { isSafe: false, at: from.at }) :
    (Types.isSame(from.type, type) ||
        Types.isImplicit(from.type, type) || from.literal !== undefined)
    ? Types.isImplicit(from.type, type) ? coerce(from, type) : castValue(from, type, { isSafe: false, at: from.at })
    : refuse(`A value of type ${Types.show(from.type)} does not fit ${Types.show(type)}`, from.at)

export const struct = (node: Of<"struct">, env: Env): Value => {
  const { at } = node
  allow("expression STRUCT", at)
  const values = node.fields.map((field) => translate(field.value, env))
  if (values.length === 0) return refuse("A struct without fields is not supported", at, "expression STRUCT")
  if (node.type === undefined) {
    return packed(node.fields.map((field, index) => ({ name: field.name, value: values[index]! })), at)
  }
  const type = Types.resolveType(node.type)
  if (type.kind !== "struct" || type.fields.length !== values.length) {
    return refuse(`${Types.show(type)} has another number of fields than are given`, at)
  }
  return packed(
    type.fields.map((field, index) => ({ name: field.name, value: castLiteral(values[index]!, field.type) })),
    at
  )
}

/** Several values as one struct. */
export const packed = (
  fields: ReadonlyArray<{ readonly name: string | undefined; readonly value: Value }>,
  at: number
): Value =>
  value(
    `{${fields.map((field, index) => `'${Types.fieldName(index)}': ${field.value.sql}`).join(", ")}}`,
    { kind: "struct", fields: fields.map((field) => ({ name: field.name, type: field.value.type })) },
    at,
    { isPresent: true, isTotal: fields.every((field) => field.value.isTotal === true) }
  )
