/** What is said of connections that are all in use. */

/** What a page has to one origin over HTTP/1.1, and a request of a worker in all. */
export const mostConnections = 6

/** What answers that are being read do to others, and what helps. */
export const heldConnections = (count: number): string =>
  `${count} answers being read hold connections.` + (count < mostConnections
    ? ""
    : ` Over HTTP/1.1 those are all that a page or a worker has: read fewer at once, or each to its end before you call.`)
