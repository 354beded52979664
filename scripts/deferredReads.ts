/**
 * A Babel plugin for what pure marks alone do not reach. A spread or a property
 * read may run a getter, so a bundler keeps `Schema.Struct({ ...base })` though
 * the call is marked as pure. Constants and base classes with one are computed
 * in a function that is called at once, and that call is marked:
 * `(() => Schema.Struct({ ...base }))()`.
 */

/** The part of Babel's syntax tree that is looked at. */
interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

interface Slot {
  readonly node: Node
  readonly replaceWith: (node: Node) => void
}

interface Types {
  readonly arrowFunctionExpression: (parameters: ReadonlyArray<Node>, body: Node) => Node
  readonly callExpression: (callee: Node, parameters: ReadonlyArray<Node>) => Node
  readonly addComment: (node: Node, where: "leading", text: string) => Node
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { readonly type?: unknown }).type === "string"

const children = (node: Node): ReadonlyArray<Node> =>
  Object.entries(node).flatMap(([key, value]) =>
    key.endsWith("Comments") ? [] : (Array.isArray(value) ? value : [value]).filter(isNode)
  )

const functions = new Set(["ArrowFunctionExpression", "FunctionExpression", "ObjectMethod", "ClassExpression"])

/** Whether loading the module reads through a spread or a property that is not a namespace's own. */
const reads = (node: Node, namespaces: ReadonlySet<unknown>): boolean => {
  if (functions.has(node.type)) return false
  if (node.type === "SpreadElement") return true
  if (node.type === "MemberExpression") {
    const object = node["object"] as Node // always there
    return node["computed"] === true || object.type !== "Identifier" || !namespaces.has(object["name"])
  }
  if (node.type === "CallExpression" || node.type === "NewExpression") {
    // a callee goes with its call, an inner call of a chain has arguments of its own
    const callee = node["callee"] as Node // always there
    const inner = callee.type === "MemberExpression" ? callee["object"] as Node : callee
    return (inner.type === "CallExpression" && reads(inner, namespaces)) ||
      (node["arguments"] as ReadonlyArray<Node>).some((argument) => reads(argument, namespaces))
  }
  return children(node).some((child) => reads(child, namespaces))
}

const isConstant = (node: Node): boolean =>
  ["CallExpression", "NewExpression", "ObjectExpression", "ArrayExpression", "MemberExpression"].includes(node.type)

export const deferredReads = ({ types }: { readonly types: Types }): object => {
  const namespaces = new Set<unknown>()
  const defer = (slot: Slot): void => {
    if (!isNode(slot.node) || !isConstant(slot.node) || !reads(slot.node, namespaces)) return
    slot.replaceWith(
      types.addComment(types.callExpression(types.arrowFunctionExpression([], slot.node), []), "leading", "#__PURE__")
    )
  }
  return {
    visitor: {
      Program: (
        program: {
          readonly get: (
            path: string
          ) => ReadonlyArray<{ readonly node: Node; readonly get: (path: string) => unknown }>
        }
      ) => {
        namespaces.clear()
        for (const statement of program.get("body")) {
          if (statement.node.type !== "ImportDeclaration") continue
          for (const specifier of statement.node["specifiers"] as ReadonlyArray<Node>) {
            if (specifier.type === "ImportNamespaceSpecifier") {
              namespaces.add((specifier["local"] as Node)["name"])
            }
          }
        }
        for (const statement of program.get("body")) {
          const inner = statement.node.type === "ExportNamedDeclaration"
            ? statement.get("declaration") as typeof statement
            : statement
          if (inner.node?.type === "VariableDeclaration") {
            for (const declarator of inner.get("declarations") as ReadonlyArray<typeof statement>) {
              defer(declarator.get("init") as Slot)
            }
          }
          if (inner.node?.type === "ClassDeclaration") defer(inner.get("superClass") as Slot)
        }
      }
    }
  }
}
