/**
 * A text of others as a part of one line that a person reads: without line
 * breaks, without the control characters by which terminals move, colour and
 * hide, and without what turns the direction of writing. What it was stays in
 * the fields of an error.
 *
 * @category rendering
 * @since 0.1.0
 */
export const harmless = (text: string): string =>
  text.replace(
    /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu,
    (mark) => /\s/.test(mark) ? " " : `\\x${mark.charCodeAt(0).toString(16)}`
  )
