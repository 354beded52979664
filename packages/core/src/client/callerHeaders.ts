/** Headers that a caller may add to requests. */

/** What credentials, the transport and the connection are made of. */
const notForCallers =
  /^(authorization|cookie2?|host|connection|keep-alive|content-(length|type|encoding)|accept-encoding|range|transfer-encoding|te|trailer|upgrade|expect|proxy-.*)$/i

const headerName = /^[\w!#$%&'*+\-.^`|~]+$/

const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/

/** What is wrong with a header; a runtime's own refusal would show its value. */
export const headerProblem = (name: string, value: string): string | undefined =>
  notForCallers.test(name)
    ? "is not for a caller to set"
    : !headerName.test(name)
    ? "is no name that a header can have"
    : !headerValue.test(value)
    ? "has a value that no header can carry, as one with a line break"
    : undefined
