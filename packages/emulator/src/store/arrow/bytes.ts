/** The same bytes with room for at least `size`. */
export const reserve = (bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> => {
  if (size <= bytes.length) return bytes
  const grown = new Uint8Array(Math.max(size, bytes.length * 2))
  grown.set(bytes)
  return grown
}
