/** What a file is by its first bytes, whatever its name says. */

const text = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.subarray(start, end)).toString("latin1")

interface Signature {
  readonly at?: number
  readonly begins: string
  readonly is: string
  /** The type of an upload, where it has one that is read. */
  readonly type?: string
}

const signatures: ReadonlyArray<Signature> = [
  { begins: "PAR1", is: "parquet", type: "parquet" },
  { begins: "PARE", is: "an encrypted parquet file" },
  { begins: "PK\x03\x04", is: "a zip archive, as files of Excel and zipped shapes are" },
  { begins: "PK\x05\x06", is: "an empty zip archive" },
  { begins: "\x1f\x8b", is: "gzip" },
  { begins: "ARROW1", is: "an Arrow file" },
  { begins: "\xff\xff\xff\xff", is: "an Arrow stream" },
  { begins: "Obj\x01", is: "Avro" },
  { begins: "ORC", is: "ORC" },
  { begins: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", is: "an old file of Excel" },
  { begins: "$FL2", is: "a file of SPSS" },
  { begins: "$FL3", is: "a file of SPSS" },
  { begins: "<stata_dta>", is: "a file of Stata" },
  { at: 84, begins: "SAS FILE", is: "a file of SAS" },
  { begins: "RDX", is: "a file of R" },
  { begins: "\x89HDF", is: "HDF5" },
  { begins: "SQLite format 3\0", is: "a database of SQLite" },
  { at: 8, begins: "DUCK", is: "a database of DuckDB" },
  { at: 4, begins: "1AY&SY", is: "bzip2" },
  { begins: "\x28\xb5\x2f\xfd", is: "zstd" },
  { begins: "\xfd7zXZ\0", is: "xz" },
  { begins: "7z\xbc\xaf\x27\x1c", is: "a 7z archive" },
  { begins: "%PDF-", is: "PDF" },
  { begins: "\0\0\x27\x0a", is: "a shapefile" },
  { begins: "\x89PNG", is: "a picture" },
  { begins: "\xff\xd8\xff", is: "a picture" },
  { begins: "\xff\xfe\0\0", is: "UTF-32 text" },
  { begins: "\0\0\xfe\xff", is: "UTF-32 text" },
  { begins: "\xff\xfe", is: "UTF-16 text" },
  { begins: "\xfe\xff", is: "UTF-16 text" }
]

export interface FileKind {
  readonly is: string
  readonly type: string | undefined
}

/** Text that begins as binary files do: `ORC` and `RDX` may be the name of a column. */
const isOnlyWord = (bytes: Uint8Array, { begins }: Signature): boolean =>
  /^[A-Z]+[0-9]?$/.test(begins) && begins !== "PAR1" && begins !== "PARE" && !bytes.subarray(0, 4096).includes(0)

/** What the bytes are if they are no text; `undefined` where they may be. */
export const kindOfBytes = (bytes: Uint8Array): FileKind | undefined => {
  const found = signatures.find((signature) => {
    const at = signature.at ?? 0
    return text(bytes, at, at + signature.begins.length) === signature.begins && !isOnlyWord(bytes, signature)
  })
  if (found !== undefined) return { is: found.is, type: found.type }
  if (!bytes.subarray(0, 4096).includes(0)) return undefined
  // Every second byte of UTF-16 is NUL where its text is of our letters.
  const zeros = [0, 0]
  for (let at = 0; at < Math.min(bytes.length, 4096); at++) if (bytes[at] === 0) zeros[at % 2]!++
  const isWide = Math.max(...zeros) * 4 > Math.min(bytes.length, 4096) && Math.min(...zeros) * 4 < Math.max(...zeros)
  return { is: isWide ? "UTF-16 text" : "no text: it has NUL bytes", type: undefined }
}
