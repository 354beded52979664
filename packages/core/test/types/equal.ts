/** Types that are told by the compiler: a file of these is a test that fails to compile. */

/** Whether two types are one, their optional and readonly marks included. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

/** Whether a value of one type fits another. */
export type Fits<A, B> = [A] extends [B] ? true : false

export type Not<A extends boolean> = A extends true ? false : true

/** Compiles only where all of it is true. */
export type All<Claims extends ReadonlyArray<true>> = Claims
