/** How rows are sent. */
import type * as Model from "../store/model.ts"

export const mediaTypeOf = (format: Model.RowFormat): string => {
  switch (format) {
    case "arrow":
      return "application/vnd.apache.arrow.stream"
    case "csv":
      return "text/csv; charset=utf-8"
    case "ndjson":
    case "jsonl":
      return "application/x-ndjson"
  }
}
