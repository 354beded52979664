/** Flights and their delays, hour by hour. */
export interface Hour {
  readonly hour: number
  readonly flights: number
  /** Of all flights together, in minutes. */
  readonly delay: number
}

export interface Tally {
  readonly add: (hour: number, delay: number) => void
  readonly hours: () => ReadonlyArray<Hour>
  readonly flights: () => number
  readonly delay: () => number
}

export const makeTally = (): Tally => {
  const flights = new Array<number>(24).fill(0)
  const delays = new Array<number>(24).fill(0)
  const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)
  return {
    add: (hour, delay) => {
      flights[hour] = (flights[hour] ?? 0) + 1
      delays[hour] = (delays[hour] ?? 0) + delay
    },
    hours: () =>
      flights.map((flights, hour) => ({ hour, flights, delay: delays[hour] ?? 0 })).filter(({ flights }) =>
        flights > 0
      ),
    flights: () => sum(flights),
    delay: () => sum(delays)
  }
}

/** The first difference between two tallies, as a person reads it. */
export const difference = (
  expected: ReadonlyArray<Hour>,
  found: ReadonlyArray<Hour>
): string | undefined => {
  for (let hour = 0; hour < 24 || hour < Math.max(expected.length, found.length); hour++) {
    const one = expected.find((line) => line.hour === hour)
    const other = found.find((line) => line.hour === hour)
    if (one?.flights !== other?.flights || one?.delay !== other?.delay) {
      const say = (line: Hour | undefined): string =>
        line === undefined ? "none" : `${line.flights} flights and ${line.delay} minutes`
      return `hour ${hour} has ${say(other)} and not ${say(one)}`
    }
  }
  return undefined
}
