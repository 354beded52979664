/** An object without the keys whose value is `undefined`, which is how an option is left out. */
export const defined = <const A extends object>(
  fields: A
):
  & { readonly [K in keyof A as undefined extends A[K] ? never : K]: A[K] }
  & {
    readonly [K in keyof A as undefined extends A[K] ? K : never]?: Exclude<A[K], undefined>
  } =>
{
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) out[key] = value
  }
  return out as ReturnType<typeof defined<A>> // the keys that are left have a value
}
