/**
 * Looks through expressions, but not into the queries inside them.
 *
 * @since 0.1.0
 */
import type { Expression, OrderItem } from "./syntax.ts"

const ofOrder = (items: ReadonlyArray<OrderItem>): ReadonlyArray<Expression> => items.map((item) => item.expression)

const given = (...expressions: ReadonlyArray<Expression | undefined>): ReadonlyArray<Expression> =>
  expressions.filter((expression) => expression !== undefined)

export const children = (node: Expression): ReadonlyArray<Expression> => {
  switch (node.kind) {
    case "literal":
    case "typed":
    case "path":
    case "subquery":
      return []
    case "field":
    case "unary":
    case "is":
      return [node.of]
    case "index":
      return [node.of, node.index]
    case "binary":
    case "distinct":
      return [node.left, node.right]
    case "logic":
      return node.parts
    case "between":
      return [node.of, node.low, node.high]
    case "in":
      return [node.of, ...(node.list ?? []), ...given(node.array)]
    case "like":
      return [node.of, ...node.patterns]
    case "case":
      return [...given(node.operand), ...node.whens.flatMap(({ then, when }) => [when, then]), ...given(node.otherwise)]
    case "cast":
      return [node.of, ...given(node.format, node.zone)]
    case "extract":
      return [node.of, ...given(node.zone)]
    case "interval":
      return [node.value]
    case "array":
      return node.elements
    case "struct":
      return node.fields.map((field) => field.value)
    case "call":
      return [
        ...node.arguments,
        ...ofOrder(node.orderBy),
        ...given(node.having?.expression, node.limit),
        ...(node.over === undefined ? [] : [...node.over.partitionBy, ...ofOrder(node.over.orderBy)])
      ]
  }
}

/** Whether the expression or one inside it is such. */
export const some = (node: Expression, test: (node: Expression) => boolean): boolean =>
  test(node) || children(node).some((child) => some(child, test))
