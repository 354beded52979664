/** The part of Babel 7 that the build uses; neither package brings types. */
declare module "@babel/core" {
  /** A regular expression as it is written. */
  interface RegExpLiteral {
    readonly pattern: string
    readonly flags: string
    readonly loc?: { readonly start: { readonly line: number } } | null
  }
  export const parseSync: (code: string, options: {
    readonly babelrc: boolean
    readonly configFile: boolean
    readonly parserOpts: { readonly plugins: ReadonlyArray<string>; readonly sourceType: "module" }
  }) => object
  export const traverse: (
    tree: object,
    visitor: { readonly RegExpLiteral: (path: { readonly node: RegExpLiteral }) => void }
  ) => void
  interface Options {
    readonly babelrc: boolean
    readonly configFile: boolean
    readonly plugins: ReadonlyArray<unknown>
    readonly sourceMaps?: boolean
    readonly inputSourceMap?: unknown
  }
  interface Result {
    readonly code?: string | null
    readonly map?: unknown
  }
  export const transformFileSync: (file: string, options: Options) => Result | null
  export const transformSync: (code: string, options: Options) => Result | null
}

declare module "babel-plugin-annotate-pure-calls" {
  const plugin: unknown
  export default plugin
}
