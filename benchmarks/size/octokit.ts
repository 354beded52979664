/** One call of GitHub's client. */
import { Octokit } from "@octokit/rest"

export default {
  fetch: async (): Promise<Response> =>
    Response.json((await new Octokit().rest.repos.get({ owner: "Effect-TS", repo: "effect" })).data)
}
