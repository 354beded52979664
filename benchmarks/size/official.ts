/** One call of the official client of Redivis. */
import * as redivis from "redivis"

export default {
  fetch: async (): Promise<Response> => Response.json(await redivis.organization("demo").dataset("penguins").get())
}
