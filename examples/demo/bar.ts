/** A bar of characters, to an eighth of one. */
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

/** As long as it is full. */
export const filled = (length: number): string => {
  const whole = Math.floor(length)
  return "█".repeat(whole) + (eighths[Math.floor((length - whole) * 8)] ?? "")
}

/** A share of 0 to 1 of a track that is always `width` long. */
export const bar = (share: number, width: number): string => filled(share * width).padEnd(width, "░")
