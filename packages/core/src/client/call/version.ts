/** The version that the client names itself with; a test holds it equal to the package's. */
export const version = "0.0.0"
