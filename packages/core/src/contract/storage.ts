/**
 * Requests to the places of storage that the API names. They are no methods of
 * the API, so no document and no table has them; a place is a whole URL, and
 * there is no path.
 */
import * as Operation from "./Operation.ts"

/** Bytes, whole. Those that are sent twice are the same. */
export const put = /*#__PURE__*/ Operation.make({
  name: "storage.put",
  method: "PUT",
  path: "",
  kind: "text"
})

/** A slice of a session's bytes, after which 308 asks for the next. */
export const putSlice = /*#__PURE__*/ Operation.make({
  name: "storage.putSlice",
  method: "PUT",
  path: "",
  kind: "text",
  statuses: [308]
})

/** A session that takes slices. One that was begun and is not known of expires. */
export const start = /*#__PURE__*/ Operation.make({
  name: "storage.start",
  method: "POST",
  path: "",
  kind: "text",
  repeatable: "always"
})
