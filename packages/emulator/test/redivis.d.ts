/** The official client brings no types. */
declare module "redivis" {
  export const organization: (name: string) => any
  export const user: (name: string) => any
  export const query: (sql: string) => any
  export const authorize: (options?: { readonly apiToken?: string }) => Promise<void>
  export const deauthorize: () => Promise<void>
  export const isAuthorized: () => Promise<boolean>
  export const setApiProxy: (
    baseUrl: string | { readonly baseUrl?: string; readonly headers?: Record<string, string> },
    options?: { headers?: Record<string, string> }
  ) => void
}
