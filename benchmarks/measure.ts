/** CPU of this process, and ratios of runs that take turns, so that a change of the machine's speed meets all of them. */

/** The figures of a benchmark by name, and what a person reads of it. */
export interface Outcome {
  readonly figures: Readonly<Record<string, number>>
  readonly text: string
}

export interface Contender {
  readonly name: string
  /** Does its work once; what it returns is kept, so that no work is left out. */
  readonly run: () => unknown
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

let sink: unknown

/** The median CPU of a run in microseconds, of each contender, over rounds in turn; the first rounds warm up. */
export const cpuOf = async (
  contenders: ReadonlyArray<Contender>,
  options: { readonly rounds: number; readonly warmUp: number }
): Promise<ReadonlyMap<string, number>> => {
  const spent = new Map<string, Array<number>>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < options.rounds + options.warmUp; round++) {
    for (const { name, run } of contenders) {
      globalThis.gc?.()
      // what the collection left to be finalized belongs to the run before
      await new Promise((resolve) => setTimeout(resolve, 20))
      const before = process.cpuUsage()
      sink = await run()
      const { system, user } = process.cpuUsage(before)
      if (round >= options.warmUp) spent.get(name)!.push(user + system)
    }
  }
  return new Map([...spent].map(([name, values]) => [name, median(values)]))
}

export const kept = (): unknown => sink

export const rounded = (value: number): number => Math.round(value * 100) / 100
