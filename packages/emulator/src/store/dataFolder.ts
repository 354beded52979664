/**
 * The folder that everything is kept in: whether it is one of ours, which
 * layout it has, and who may look into it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { constants } from "node:fs"
import { chmod, lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"

/** The folder cannot be used. Its message says what to do. */
export class FolderRefused extends Data.TaggedError("FolderRefused")<{ readonly message: string }> {}

export const isFolderRefused = (cause: unknown): cause is FolderRefused =>
  typeof cause === "object" && cause !== null && "_tag" in cause && cause._tag === "FolderRefused"

/** Of what lies in a folder. Another one is never read as if it were this one. */
export const layout = 1

const program = "effect-redivis-emulator"

/** The file that says whose the folder is. */
const noteName = "layout.json"

export const databaseName = "emulator.duckdb"
const logName = `${databaseName}.wal`
export const filesName = "files"
export const spillName = "spill"

/** Nobody but the owner of the process reads what is kept. */
const ownFolder = 0o700
export const ownFile = 0o600

/** Fails where the last part of a path is a link; on Windows there is no such flag. */
export const noLink = constants.O_NOFOLLOW ?? 0

/** Names of the store's own files, by what they hold and its id. */
const fileName =
  /^(?:(?:(?:upload|temp|workflow)-[\da-f]{24}(?:\.rows)?)|raw-[\da-z]{4}-[\da-z]{9}\.[\w-]{22}|export-[\da-f]{24}-\d{1,9})$/

export const isOwnName = (name: string): boolean => fileName.test(name)

type Kind = "folder" | "file" | "link" | "other"

const kindOf = async (path: string): Promise<Kind | undefined> => {
  try {
    const found = await lstat(path)
    return found.isSymbolicLink() ? "link" : found.isDirectory() ? "folder" : found.isFile() ? "file" : "other"
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined
    throw cause
  }
}

const codeOf = (cause: unknown): unknown =>
  typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined

const another = "Name a new or an empty folder with --data"
const copy = "put back a copy of the whole folder, or name another one with --data"

const refuse = (message: string): never => {
  throw new FolderRefused({ message })
}

/** The first bytes of a file that is no link. */
const beginning = async (path: string, length: number): Promise<Buffer> => {
  const file = await open(path, constants.O_RDONLY | noLink)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** DuckDB's files have these letters behind a checksum. */
const isDatabase = async (path: string): Promise<boolean> =>
  (await beginning(path, 12)).subarray(8).toString("latin1") === "DUCK"

interface Note {
  readonly layout: number
  /** Whether all that belongs to the folder has been made in it. */
  readonly isComplete: boolean
}

const noteBytes = 4096

const readNote = async (directory: string): Promise<Note> => {
  const path = join(directory, noteName)
  if (await kindOf(path) !== "file") {
    return refuse(`${path} is no file of its own: nothing was changed. ${another}.`)
  }
  const text = (await beginning(path, noteBytes)).toString("utf8")
  let note: unknown
  try {
    note = JSON.parse(text)
  } catch {
    note = undefined
  }
  if (typeof note !== "object" || note === null) {
    return refuse(`${path} cannot be read, so nobody knows what the folder holds: ${copy}.`)
  }
  const { isComplete, layout: found, program: whose } = note as Record<string, unknown> // any object
  if (whose !== program) {
    return refuse(`${directory} holds what another program keeps there: nothing was changed. ${another}.`)
  }
  if (typeof found !== "number" || !Number.isSafeInteger(found)) {
    return refuse(`${path} does not say which layout the folder has: ${copy}.`)
  }
  return { layout: found, isComplete: isComplete !== false }
}

const writeNote = async (directory: string, isComplete: boolean): Promise<void> => {
  const path = join(directory, noteName)
  const aside = `${path}.new`
  await rm(aside, { force: true })
  const file = await open(aside, "wx", ownFile)
  try {
    await file.writeFile(`${JSON.stringify({ program, layout, isComplete }, undefined, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, path)
}

/** Folders that an earlier version made have no note: they hold exactly what it made. */
const isUnnoted = async (directory: string, names: ReadonlyArray<string>): Promise<boolean> => {
  const known = new Set([databaseName, logName, filesName, spillName])
  if (!names.every((name) => known.has(name))) return false
  if (await kindOf(join(directory, databaseName)) !== "file") return false
  if (await kindOf(join(directory, filesName)) !== "folder") return false
  if (!(await readdir(join(directory, filesName))).every(isOwnName)) return false
  return isDatabase(join(directory, databaseName))
}

/** Where another has the folder, as a volume of containers, whoever may write in it goes on. */
const setMode = async (path: string, mode: number): Promise<void> => {
  try {
    await chmod(path, mode)
  } catch (cause) {
    if (!["EPERM", "ENOTSUP", "EROFS", "ENOSYS"].includes(String(codeOf(cause)))) throw cause
  }
}

const makeFolder = async (path: string): Promise<void> => {
  const kind = await kindOf(path)
  if (kind !== undefined && kind !== "folder") {
    return refuse(`${path} is ${kind === "link" ? "a link, which is not followed" : "no folder"}: ${copy}.`)
  }
  await mkdir(path, { recursive: true, mode: ownFolder })
  await setMode(path, ownFolder)
}

/** Makes what belongs to a folder, and hides it from others. */
const claim = async (directory: string): Promise<void> => {
  await setMode(directory, ownFolder)
  await makeFolder(join(directory, filesName))
  await makeFolder(join(directory, spillName))
}

/** How a log begins that DuckDB writes: with an entry that says its version. */
const logMark = Buffer.from("640062", "hex")
/** As it begins in the version whose entries are known here: a length, a checksum of as many bytes, and so many bytes. */
const knownLog = Buffer.from("640062650002ffff", "hex")
const entryHead = 16

/**
 * Whether a log ends inside of an entry, as one does whose process was killed.
 * DuckDB takes what is whole before that, and what is no log at all for an empty
 * one; an entry that was altered it finds by itself.
 */
const isTorn = async (path: string): Promise<boolean> => {
  const file = await open(path, constants.O_RDONLY | noLink)
  try {
    const { size } = await file.stat()
    const head = Buffer.alloc(entryHead)
    const start = (await file.read(head, 0, knownLog.length, 0)).bytesRead
    if (!logMark.subarray(0, start).equals(head.subarray(0, Math.min(start, logMark.length)))) {
      return refuse(`${path}, what was written last, is damaged: ${copy}. Remove it to go on without what it held.`)
    }
    if (start < knownLog.length) return start > 0
    if (!head.subarray(0, start).equals(knownLog)) return false
    let at = start
    while (at < size) {
      const { bytesRead } = await file.read(head, 0, entryHead, at)
      if (bytesRead < entryHead) return true
      at += entryHead + Number(head.readBigUInt64LE(0))
    }
    return at > size
  } finally {
    await file.close()
  }
}

/** What a complete folder has to have. */
const check = async (directory: string): Promise<void> => {
  const files = join(directory, filesName)
  if (await kindOf(files) === undefined) {
    return refuse(
      `${files} is missing, where uploaded files, raw files and exports were kept: ${copy}. ` +
        `Make an empty folder there to go on without them.`
    )
  }
  const database = join(directory, databaseName)
  const kind = await kindOf(database)
  if (kind === undefined) return refuse(`${database}, the catalogue and all rows, is missing: ${copy}.`)
  if (kind !== "file") return refuse(`${database} is no file of its own: ${copy}.`)
  if (!(await isDatabase(database))) return refuse(`${database}, the catalogue and all rows, is damaged: ${copy}.`)
  const log = await kindOf(join(directory, logName))
  if (log !== undefined && log !== "file") return refuse(`${join(directory, logName)} is no file of its own: ${copy}.`)
}

/** What is known of a folder before its catalogue is opened. */
export interface Found {
  /** Without a catalogue: nothing was kept in it yet. */
  readonly isNew: boolean
  /** Made by a version that wrote no note. */
  readonly isAdopted: boolean
  /** Its log ends inside of an entry. */
  readonly isTorn: boolean
}

const prepareUnsafe = async (directory: string): Promise<Found> => {
  const kind = await kindOf(directory)
  if (kind !== undefined && kind !== "folder" && kind !== "link") {
    return refuse(`${directory} is no folder. ${another}.`)
  }
  // the folder itself may lie elsewhere: whoever gives its name says so
  if (kind !== "link") await mkdir(directory, { recursive: true, mode: ownFolder })
  const names = await readdir(directory)
  let isAdopted = false
  let isNew = true
  if (names.includes(noteName)) {
    const note = await readNote(directory)
    if (note.layout !== layout) {
      return refuse(
        `${directory} has layout ${note.layout}, and this version reads layout ${layout}: start the version of the ` +
          `emulator that made it. Or ${another.toLowerCase()}.`
      )
    }
    if (note.isComplete) await check(directory)
    isNew = !note.isComplete
  } else if (names.some((name) => name !== `${noteName}.new`)) {
    if (!(await isUnnoted(directory, names))) {
      return refuse(
        `${directory} is not empty, and the emulator did not make what it holds: nothing was changed. ${another}.`
      )
    }
    isAdopted = true
    isNew = false
  }
  const log = join(directory, logName)
  const isLogTorn = await kindOf(log) === "file" && await isTorn(log)
  if (!isAdopted && !names.includes(noteName)) await writeNote(directory, false)
  // what is to be adopted may turn out to be another's when its catalogue is opened
  if (!isAdopted) await claim(directory)
  return { isNew, isAdopted, isTorn: isLogTorn }
}

/** What went wrong with a folder, as what to do about it. */
const explained = (directory: string, cause: unknown): FolderRefused => {
  if (isFolderRefused(cause)) return cause
  const message = typeof cause === "object" && cause !== null && "message" in cause
    ? String(cause.message)
    : String(cause)
  const code = codeOf(cause)
  return new FolderRefused({
    message: /set lock on file|Conflicting lock|being used by another process/i.test(message)
      ? `The data in ${directory} is in use: stop the emulator that has it, or name another folder with --data.`
      : code === "EACCES" || code === "EPERM"
      ? `The data in ${directory} cannot be used: this user may not (${message}). Give it the folder, or name another ` +
        `one with --data.`
      : code === "ENOTDIR"
      ? `The data in ${directory} cannot be used: a part of its path is no folder. ${another}.`
      : `The data in ${directory} cannot be used, since its catalogue (${databaseName}) or its log (${logName}) is ` +
        `damaged: ${copy}. DuckDB says: ${message}`
  })
}

/** Whatever fails while a folder is opened says what to do about it. */
export const explaining = (directory: string) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.catchDefect(self, (defect) => Effect.die(explained(directory, defect)))

/**
 * Makes the folder, or finds that it is one of ours, before anything in it is
 * read or changed. One that an earlier version made is adopted where it holds
 * exactly what that made.
 */
export const prepare = (directory: string): Effect.Effect<Found> => Effect.promise(() => prepareUnsafe(directory))

/** Fails where a folder that was used before has a catalogue without what every one has. */
export const checkCatalogue = (directory: string, found: Found, isThere: boolean): Effect.Effect<void> => {
  if (found.isNew || isThere) return Effect.void
  const path = join(directory, databaseName)
  return Effect.die(
    new FolderRefused({
      message: found.isAdopted
        ? `${path} is a database of another program: nothing was changed. ${another}.`
        : `${path} does not hold what was kept, since its log (${logName}) is gone or damaged: ${copy}.`
    })
  )
}

/** Says what was found that is no reason to stop. */
export const warn = (directory: string, found: Found, missing: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.gen(function*() {
    if (found.isTorn) {
      yield* Effect.logWarning(
        `The log of the data in ${directory} ended in the middle of an entry. Where the emulator was killed nothing is ` +
          `lost that it had answered; where the file was cut short what came after that is: ${copy}.`
      )
    }
    if (missing.length > 0) {
      yield* Effect.logWarning(
        `${missing.length} files are missing in ${join(directory, filesName)}, ${missing[0]} among them. What needs ` +
          `them fails: ${copy}.`
      )
    }
  })

/** Says that all is there that belongs to the folder, and hides it from others. */
export const complete = (directory: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    await claim(directory)
    await writeNote(directory, true)
    for (const name of [databaseName, logName]) {
      if (await kindOf(join(directory, name)) === "file") await setMode(join(directory, name), ownFile)
    }
    for (const name of await readdir(join(directory, filesName))) {
      const path = join(directory, filesName, name)
      if (isOwnName(name) && await kindOf(path) === "file") await setMode(path, ownFile)
    }
  })
