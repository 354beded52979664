/** Names of variables: as the file has them, but never empty and never twice. */
import { variableKey } from "../identifiers.ts"

export const variableNames = (headers: ReadonlyArray<string>): ReadonlyArray<string> => {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  return headers.map((header, index) => {
    const wanted = header.trim() === "" ? `var${index + 1}` : header.trim()
    let name = wanted
    let count = counts.get(variableKey(wanted)) ?? 2
    for (; taken.has(variableKey(name)); count++) name = `${wanted}_${count}`
    counts.set(variableKey(wanted), count)
    taken.add(variableKey(name))
    return name
  })
}
