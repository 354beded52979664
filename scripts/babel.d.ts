/** The part of Babel 7 that the build uses; neither package brings types. */
declare module "@babel/core" {
  export const transformFileSync: (file: string, options: {
    readonly babelrc: boolean
    readonly configFile: boolean
    readonly plugins: ReadonlyArray<unknown>
    readonly sourceMaps: boolean
    readonly inputSourceMap: unknown
  }) => { readonly code?: string | null; readonly map?: unknown } | null
}

declare module "babel-plugin-annotate-pure-calls" {
  const plugin: unknown
  export default plugin
}
