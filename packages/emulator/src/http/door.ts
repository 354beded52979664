/**
 * Who is let in. Whatever listens on this machine is reached by every page that
 * a browser on it opens, and the control interface asks for no credentials.
 */
import * as Data from "effect/Data"
import { type Answer, answer, type HeaderList, json, type ServerRequest } from "./message.ts"

/** An option that says who is let in and cannot be understood. */
export class DoorRefused extends Data.TaggedError("DoorRefused")<{
  readonly option: "allowHosts" | "controlOrigins"
  readonly value: string
  readonly message: string
}> {}

/** Name and port of a `Host` header; an address of version 6 in its brackets. */
const hostPattern = /^(\[[\da-f:.]{2,45}\]|[\w.-]{1,253})(?::(\d{1,5}))?$/

interface Host {
  readonly name: string
  readonly port: string | undefined
}

const parseHost = (text: string): Host | undefined => {
  const match = hostPattern.exec(text.toLowerCase())
  return match === null ? undefined : { name: match[1]!, port: match[2] }
}

const isLoopback = (name: string): boolean =>
  name === "localhost" || name === "[::1]" ||
  (/^127(?:\.\d{1,3}){3}$/.test(name) && name.split(".").every((part) => Number(part) <= 255))

/** An address as URLs have it, in the one way in which they write it. */
const asHost = (address: string): string => {
  const written = address.includes(":") && !address.startsWith("[") ? `[${address}]` : address
  return URL.canParse(`http://${written}`) ? new URL(`http://${written}`).hostname : written.toLowerCase()
}

/** Whether it stands for every address of the machine, and is the name of none. */
export const isWildcard = (host: string): boolean => ["", "0.0.0.0", "[::]"].includes(asHost(host))

/** The origin of a text that says nothing else. */
const originOf = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const { origin } = new URL(text)
  return origin === text.toLowerCase() ? origin : undefined
}

export interface Options {
  /** The address that is listened at. */
  readonly host: string
  /** Names that requests may be sent to, beside it and loopback. */
  readonly allowHosts: ReadonlyArray<string>
  /** Origins of pages that may steer the emulator. */
  readonly controlOrigins: ReadonlyArray<string>
  /** By which names it is known where there is no socket. */
  readonly ownHosts?: ReadonlyArray<string> | undefined
}

/** Why an option cannot be taken; nothing where all of them can. */
export const refusalOf = (options: Pick<Options, "allowHosts" | "controlOrigins">): DoorRefused | undefined => {
  const host = options.allowHosts.find((text) => parseHost(text) === undefined)
  if (host !== undefined) {
    return new DoorRefused({
      option: "allowHosts",
      value: host,
      message: `${
        JSON.stringify(host)
      } is no host: give a name as requests have it, such as "emulator" or "emulator:8080"`
    })
  }
  const origin = options.controlOrigins.find((text) => originOf(text) === undefined)
  return origin === undefined ? undefined : new DoorRefused({
    option: "controlOrigins",
    value: origin,
    message: `${
      JSON.stringify(origin)
    } is no origin: give scheme, host and port without a path, such as "http://localhost:5173"`
  })
}

export interface Door {
  /**
   * Why a request goes no further, whatever it asks for. A page whose name was
   * made to mean this machine is of one origin with the emulator to its browser;
   * the name that it used is all that tells.
   */
  readonly refuseHost: (request: ServerRequest) => string | undefined
  /** The answer to a request that may not steer the emulator. */
  readonly refuseControl: (request: ServerRequest) => Answer | undefined
  /** What a page that may steer is to be told with each answer. */
  readonly controlHeaders: (request: ServerRequest) => HeaderList
  /** The answer to a browser that asks whether a page may steer: it was let in. */
  readonly controlPreflight: (request: ServerRequest) => Answer
}

export const refused = (status: number, description: string): Answer =>
  json(status, {
    status,
    error: status === 403 ? "forbidden" : "invalid_request",
    error_description: description
  })

/** What a header shows of itself in an answer. */
const shown = (text: string): string => JSON.stringify(text.slice(0, 200))

export const make = (options: Options): Door => {
  const names = new Set<string>((options.ownHosts ?? []).map((name) => name.toLowerCase()))
  if (!isWildcard(options.host)) names.add(asHost(options.host))
  for (const text of options.allowHosts) names.add(text.toLowerCase())
  const origins = new Set(options.controlOrigins.map((text) => text.toLowerCase()))

  const isServed = (host: Host): boolean =>
    isLoopback(host.name) || names.has(host.name) || names.has(`${host.name}:${host.port ?? "80"}`)

  const refuseHost: Door["refuseHost"] = (request) => {
    const text = request.headers["host"] ?? ""
    const host = parseHost(text)
    return host !== undefined && isServed(host)
      ? undefined
      : `The emulator does not answer to the host ${shown(text)}: start it with --allow-host ${
        host?.name ?? "NAME"
      } (the option allowHosts) if requests are to reach it by that name`
  }

  /** The origin of the page that asks, where a browser says that it is another's. */
  const foreignOrigin = (request: ServerRequest): string | undefined => {
    const { host, origin } = request.headers
    if (origin !== undefined) {
      return origin.toLowerCase() === `http://${(host ?? "").toLowerCase()}`
        ? undefined
        : origin
    }
    // sent along with what a page loads as an image or a script
    const site = request.headers["sec-fetch-site"]
    return site === undefined || site === "same-origin" || site === "none" ? undefined : "another page"
  }

  const isNamed = (origin: string): boolean => origins.has(origin.toLowerCase())

  return {
    refuseHost,
    refuseControl: (request) => {
      const origin = foreignOrigin(request)
      if (origin !== undefined && !isNamed(origin)) {
        return refused(
          403,
          `Pages of ${
            shown(origin)
          } may not steer the emulator: start it with --control-origin ORIGIN (the option controlOrigins) for tests that run in pages`
        )
      }
      if (request.method === "GET" || request.method === "HEAD" || request.method === "OPTIONS") return undefined
      const media = (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase()
      return media === "application/json" ? undefined : refused(
        415,
        `${request.method} needs the header content-type: application/json, also where it has no body: what a form of a page can send does not steer the emulator`
      )
    },
    controlHeaders: (request) => {
      const origin = request.headers["origin"]
      return origin === undefined || !isNamed(origin)
        ? [["vary", "origin"]]
        : [["vary", "origin"], ["access-control-allow-origin", origin]]
    },
    controlPreflight: (request) => {
      const origin = request.headers["origin"]
      return origin === undefined || !isNamed(origin) ? answer(204, [["vary", "origin"]]) : answer(204, [
        ["vary", "origin"],
        ["access-control-allow-origin", origin],
        ["access-control-allow-methods", "GET, HEAD, POST, DELETE"],
        ["access-control-allow-headers", "content-type"],
        ["access-control-allow-private-network", "true"],
        ["access-control-max-age", "600"]
      ])
    }
  }
}
