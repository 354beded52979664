/** How much memory is asked for: what typed arrays and buffers are made by their length. */

const names = [
  "ArrayBuffer",
  "Int8Array",
  "Uint8Array",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array"
] as const

/** Counts bytes of typed arrays and buffers that are made anew, while `run` runs. */
export const allocatedBy = (run: () => void): number => {
  const originals = names.map((name) => globalThis[name])
  let bytes = 0
  names.forEach((name, i) => {
    // a stand-in that counts and then makes what was asked for
    globalThis[name] = new Proxy(originals[i]!, {
      construct: (target, parameters: Array<unknown>, newTarget) => {
        const made = Reflect.construct(target, parameters, newTarget) as ArrayBuffer | Uint8Array
        if (typeof parameters[0] === "number") bytes += made.byteLength
        return made
      }
    }) as never
  })
  try {
    run()
  } finally {
    names.forEach((name, i) => {
      globalThis[name] = originals[i] as never
    })
  }
  return bytes
}

/** What a stream of so many bytes may take, however it lies. */
export const bound = (received: number): number => 4 * received + 2 ** 20
