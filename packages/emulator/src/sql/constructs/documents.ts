/**
 * Functions of JSON and of places. What each gives is stated in GoogleSQL's reference (the pages
 * json_functions, geography_functions).
 *
 * @since 0.1.0
 */
import type { Construct } from "./Construct.ts"

export const documents: ReadonlyArray<Construct> = [
  {
    constructs: ["function JSON_VALUE"],
    sql:
      "select json_value('{\"a\": {\"b\": \"x\"}, \"n\": 1.5, \"l\": [true, null]}', '$.a.b'), json_value('{\"a\": {\"b\": \"x\"}}', '$.a'), json_value('{\"n\": 1.5}', '$.n'), json_value('{\"l\": [true, null]}', '$.l[0]'), json_value('{\"l\": [true, null]}', '$.l[1]'), json_value('\"x\"')",
    rows: [["x", null, "1.5", "true", null, "x"]]
  },
  {
    constructs: ["function JSON_EXTRACT_SCALAR"],
    sql:
      "select json_extract_scalar('{\"a b\": {\"c\": 12}}', \"$['a b'].c\"), json_value('{\"a-b\": 1}', '$.\"a-b\"')",
    rows: [["12", "1"]]
  },
  {
    constructs: ["function ST_GEOGPOINT"],
    sql: "select st_geogpoint(-122.5, 37), place is null from birds where n = 1",
    rows: [["POINT(-122.5 37)", true]]
  }
]
