/** How many times as much is tried as in every run of the tests: `HARDSHIP=10`. */
export const times = Math.max(1, Number(process.env["HARDSHIP"] ?? 1))
