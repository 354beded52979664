/**
 * The syntax tree of a GoogleSQL query. Every node knows where it starts.
 *
 * @since 0.1.0
 */

export interface Name {
  readonly name: string
  readonly at: number
}

export type LiteralType = "INT64" | "FLOAT64" | "STRING" | "BYTES" | "BOOL" | "NULL"

/** A type as it is written: `INT64`, `ARRAY<STRUCT<a INT64>>`, `NUMERIC(10, 2)`. */
export interface TypeNode {
  readonly name: string
  readonly at: number
  readonly parameters: ReadonlyArray<string>
  readonly element?: TypeNode | undefined
  readonly fields?: ReadonlyArray<{ readonly name: string | undefined; readonly type: TypeNode }> | undefined
}

export interface OrderItem {
  readonly expression: Expression
  readonly isDescending: boolean
  readonly nulls: "first" | "last" | undefined
}

export type Bound =
  | { readonly kind: "unbounded"; readonly side: "PRECEDING" | "FOLLOWING" }
  | { readonly kind: "current" }
  | { readonly kind: "offset"; readonly side: "PRECEDING" | "FOLLOWING"; readonly value: Expression }

export interface Window {
  readonly at: number
  /** The named window that this one rests on. */
  readonly base: Name | undefined
  readonly partitionBy: ReadonlyArray<Expression>
  readonly orderBy: ReadonlyArray<OrderItem>
  readonly frame: {
    readonly unit: "ROWS" | "RANGE"
    readonly start: Bound
    readonly end: Bound | undefined
    readonly at: number
  } | undefined
}

export interface Call {
  readonly kind: "call"
  readonly at: number
  /** In upper case, its parts joined by dots, without `SAFE.`. */
  readonly name: string
  readonly isSafe: boolean
  readonly arguments: ReadonlyArray<Expression>
  /** `count(*)`. */
  readonly isStar: boolean
  readonly isDistinct: boolean
  readonly nulls: "ignore" | "respect" | undefined
  readonly having: { readonly isMax: boolean; readonly expression: Expression } | undefined
  readonly orderBy: ReadonlyArray<OrderItem>
  readonly limit: Expression | undefined
  readonly over: Window | undefined
}

export type Expression =
  | { readonly kind: "literal"; readonly at: number; readonly type: LiteralType; readonly value: string }
  /** `DATE '2020-01-01'`. */
  | { readonly kind: "typed"; readonly at: number; readonly type: string; readonly value: string }
  | { readonly kind: "path"; readonly at: number; readonly names: ReadonlyArray<Name> }
  | { readonly kind: "field"; readonly at: number; readonly of: Expression; readonly field: Name }
  | {
    readonly kind: "index"
    readonly at: number
    readonly of: Expression
    readonly how: "OFFSET" | "ORDINAL" | "SAFE_OFFSET" | "SAFE_ORDINAL" | undefined
    readonly index: Expression
  }
  | { readonly kind: "unary"; readonly at: number; readonly operator: "-" | "+" | "~" | "NOT"; readonly of: Expression }
  | {
    readonly kind: "binary"
    readonly at: number
    readonly operator: string
    readonly left: Expression
    readonly right: Expression
  }
  /** Flat, so that a condition of a thousand parts is not a thousand deep. */
  | {
    readonly kind: "logic"
    readonly at: number
    readonly operator: "AND" | "OR"
    readonly parts: ReadonlyArray<Expression>
  }
  | {
    readonly kind: "is"
    readonly at: number
    readonly isNot: boolean
    readonly what: "NULL" | "TRUE" | "FALSE"
    readonly of: Expression
  }
  | {
    readonly kind: "distinct"
    readonly at: number
    readonly isNot: boolean
    readonly left: Expression
    readonly right: Expression
  }
  | {
    readonly kind: "between"
    readonly at: number
    readonly isNot: boolean
    readonly of: Expression
    readonly low: Expression
    readonly high: Expression
  }
  | {
    readonly kind: "in"
    readonly at: number
    readonly isNot: boolean
    readonly of: Expression
    readonly list: ReadonlyArray<Expression> | undefined
    readonly query: Query | undefined
    readonly array: Expression | undefined
  }
  | {
    readonly kind: "like"
    readonly at: number
    readonly isNot: boolean
    readonly of: Expression
    readonly patterns: ReadonlyArray<Expression>
    /** `LIKE ANY (...)`, `LIKE ALL (...)`. */
    readonly quantifier: "ANY" | "ALL" | undefined
  }
  | {
    readonly kind: "case"
    readonly at: number
    readonly operand: Expression | undefined
    readonly whens: ReadonlyArray<{ readonly when: Expression; readonly then: Expression }>
    readonly otherwise: Expression | undefined
  }
  | {
    readonly kind: "cast"
    readonly at: number
    readonly isSafe: boolean
    readonly of: Expression
    readonly type: TypeNode
    readonly format: Expression | undefined
    readonly zone: Expression | undefined
  }
  | {
    readonly kind: "extract"
    readonly at: number
    readonly part: Expression
    readonly of: Expression
    readonly zone: Expression | undefined
  }
  | {
    readonly kind: "interval"
    readonly at: number
    readonly value: Expression
    readonly part: string
    readonly to: string | undefined
  }
  | {
    readonly kind: "array"
    readonly at: number
    readonly type: TypeNode | undefined
    readonly elements: ReadonlyArray<Expression>
  }
  | {
    readonly kind: "struct"
    readonly at: number
    readonly type: TypeNode | undefined
    readonly fields: ReadonlyArray<{ readonly name: string | undefined; readonly value: Expression }>
  }
  | { readonly kind: "subquery"; readonly at: number; readonly as: "value" | "array" | "exists"; readonly query: Query }
  | Call

// ---------------------------------------------------------------------------------------------------------------------

export interface Star {
  readonly kind: "star"
  readonly at: number
  /** `t.*`. */
  readonly of: Expression | undefined
  readonly except: ReadonlyArray<Name>
  readonly replace: ReadonlyArray<{ readonly expression: Expression; readonly as: Name }>
}

export type SelectItem = Star | {
  readonly kind: "item"
  readonly at: number
  readonly expression: Expression
  readonly alias: Name | undefined
}

export type GroupItem =
  | { readonly kind: "plain"; readonly at: number; readonly expressions: ReadonlyArray<Expression> }
  | {
    readonly kind: "ROLLUP" | "CUBE" | "GROUPING SETS"
    readonly at: number
    readonly sets: ReadonlyArray<ReadonlyArray<Expression>>
  }

export interface TablePath {
  readonly kind: "table"
  readonly at: number
  readonly end: number
  /** Without backticks, as in `owner.dataset:next.table`. */
  readonly text: string
  /** The same, cut where the writer cut it. */
  readonly names: ReadonlyArray<Name>
  readonly alias: Name | undefined
  /** Of an array that is joined by its path. */
  readonly offset: Name | true | undefined
}

export type From =
  | TablePath
  | { readonly kind: "query"; readonly at: number; readonly query: Query; readonly alias: Name | undefined }
  | {
    readonly kind: "unnest"
    readonly at: number
    readonly array: Expression
    readonly alias: Name | undefined
    /** `WITH OFFSET`: true without a name. */
    readonly offset: Name | true | undefined
  }
  | {
    readonly kind: "join"
    readonly at: number
    readonly join: "CROSS" | "COMMA" | "INNER" | "LEFT" | "RIGHT" | "FULL"
    readonly left: From
    readonly right: From
    readonly on: Expression | undefined
    readonly using: ReadonlyArray<Name>
  }
  | {
    readonly kind: "pivot"
    readonly at: number
    readonly of: From
    readonly aggregates: ReadonlyArray<{ readonly call: Call; readonly alias: Name | undefined }>
    readonly column: Expression
    readonly values: ReadonlyArray<{ readonly value: Expression; readonly alias: Name | undefined }>
    readonly alias: Name | undefined
  }
  | {
    readonly kind: "unpivot"
    readonly at: number
    readonly of: From
    readonly withNulls: boolean
    readonly value: Name
    readonly name: Name
    readonly columns: ReadonlyArray<{ readonly column: Name; readonly label: Expression | undefined }>
    readonly alias: Name | undefined
  }

export interface Select {
  readonly kind: "select"
  readonly at: number
  readonly isDistinct: boolean
  readonly as: "STRUCT" | "VALUE" | undefined
  readonly items: ReadonlyArray<SelectItem>
  readonly from: From | undefined
  readonly where: Expression | undefined
  readonly groupBy:
    | { readonly at: number; readonly isAll: boolean; readonly items: ReadonlyArray<GroupItem> }
    | undefined
  readonly having: Expression | undefined
  readonly qualify: Expression | undefined
  readonly windows: ReadonlyArray<{ readonly name: Name; readonly window: Window }>
}

export interface SetOperation {
  readonly kind: "set"
  readonly at: number
  readonly operator: "UNION ALL" | "UNION DISTINCT" | "INTERSECT DISTINCT" | "EXCEPT DISTINCT"
  readonly bodies: ReadonlyArray<Body>
}

export type Body = Select | SetOperation | { readonly kind: "query"; readonly at: number; readonly query: Query }

export interface Query {
  readonly at: number
  readonly with: ReadonlyArray<{ readonly name: Name; readonly query: Query }>
  readonly body: Body
  readonly orderBy: ReadonlyArray<OrderItem>
  readonly limit: Expression | undefined
  readonly offset: Expression | undefined
}

export type Statement =
  | {
    readonly kind: "declare"
    readonly at: number
    readonly names: ReadonlyArray<Name>
    readonly type: TypeNode | undefined
    readonly value: Expression | undefined
  }
  | { readonly kind: "set"; readonly at: number; readonly names: ReadonlyArray<Name>; readonly value: Expression }

/** A query, and the variables that are set before it. */
export interface Script {
  readonly before: ReadonlyArray<Statement>
  readonly query: Query
}
