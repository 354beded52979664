/** What errors, spans, logs and recorders may show of a URL, and of a text that a server sent. */

const secret = /token|secret|signature|credential|password|passwd|api[-_]?key|^key$|^sig$|^auth/i

/**
 * The URL without credentials and fragment; of the API's own without the values
 * of secret parameters, of any other origin without all parameters: who may read
 * a file is often told by them.
 */
export const shownUrl = (url: string, origin: string): string => {
  const clean = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1")
  const [beforeHash = ""] = clean.split("#", 1)
  const mark = beforeHash.indexOf("?")
  if (mark === -1) return beforeHash
  const path = beforeHash.slice(0, mark)
  if (path !== origin && !path.startsWith(`${origin}/`)) return path
  const query = beforeHash.slice(mark + 1).split("&").map((pair) => {
    const [name = ""] = pair.split("=", 1)
    return secret.test(name) && name !== "pageToken" ? `${name}=REDACTED` : pair
  })
  return `${path}?${query.join("&")}`
}

/** Shorter ones could be a part of any word. */
const shortestToken = 8

/**
 * A token as a server may say it again: as it is, with characters that JSON or
 * URLs escape, and in base64 behind any other bytes, of whose characters those
 * count that no neighbour shares.
 */
const spellings = (token: string): RegExp => {
  let spelt = ""
  for (const character of token) {
    const hex = character.charCodeAt(0).toString(16)
    // what escapes others could itself be read in many ways
    spelt += `(?:${hex === "5c" ? "" : "\\\\{0,4}"}(?:\\x${hex}|u00${hex})|%(?:25){0,4}${hex})`
  }
  for (let offset = 0; offset < 3; offset++) {
    const encoded = btoa(" ".repeat(offset) + token)
    const whole = encoded.slice(offset && offset + 1, Math.floor((offset + token.length) * 4 / 3))
    // the two characters that base64 of URLs has otherwise
    spelt += `|${whole.replace(/[+/]/g, ".")}`
  }
  // oxlint-disable-next-line laws/linear-regular-expressions -- no part of it repeats without a bound
  return new RegExp(spelt, "gi")
}

/** What takes a token out of texts; nothing is taken out where it could not be told from a word. */
export const withoutToken = (token: string | undefined): (text: string) => string => {
  let pattern: RegExp | undefined
  return (text) =>
    token === undefined || token.length < shortestToken ? text : text.replace(pattern ??= spellings(token), "<token>")
}
