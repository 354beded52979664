/** The official client brings no types. */
declare module "redivis" {
  export const organization: (name: string) => {
    readonly dataset: (name: string) => { readonly get: () => Promise<unknown> }
  }
}
