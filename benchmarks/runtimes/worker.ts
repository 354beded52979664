import * as Redivis from "@effect-redivis/core/Redivis"
import { makeHandle } from "./handle.ts"

const handle = makeHandle(Redivis.layerFetch)

export default { fetch: (request: Request): Promise<Response> => handle(request.url) }
