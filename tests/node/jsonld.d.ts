/** The part of the JSON-LD processor that the tests use; it brings no types. */
declare module "jsonld" {
  interface Options {
    readonly base?: string
    /** Refuses whatever would be dropped. */
    readonly safe?: boolean
    readonly documentLoader?: (
      url: string
    ) => Promise<{ readonly documentUrl: string; readonly document: unknown; readonly contextUrl?: string }>
  }
  const processor: {
    readonly expand: (document: object, options?: Options) => Promise<ReadonlyArray<Record<string, unknown>>>
  }
  export default processor
}
