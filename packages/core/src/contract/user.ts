/** Users: `/users`. */
import * as Operation from "./Operation.ts"
import { User } from "./owner.ts"

export { User } from "./owner.ts"

export const me = Operation.make({
  name: "users.me",
  method: "GET",
  path: "/users/me",
  success: User
})
