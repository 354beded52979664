/** One call of Stripe's client. */
import Stripe from "stripe"

export default {
  fetch: async (_request: Request, env: { readonly STRIPE_KEY: string }): Promise<Response> =>
    Response.json(await new Stripe(env.STRIPE_KEY).customers.retrieve("cus_1"))
}
