/**
 * Functions that have several names: what lets one of them through lets all.
 *
 * @since 0.1.0
 */
export const aliases: Readonly<Record<string, string>> = {
  CEILING: "CEIL",
  CHARACTER_LENGTH: "CHAR_LENGTH",
  JSON_EXTRACT_SCALAR: "JSON_VALUE",
  OCTET_LENGTH: "BYTE_LENGTH",
  POWER: "POW",
  REGEXP_SUBSTR: "REGEXP_EXTRACT",
  STDDEV: "STDDEV_SAMP",
  SUBSTRING: "SUBSTR",
  VARIANCE: "VAR_SAMP"
}
