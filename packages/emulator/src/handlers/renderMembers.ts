/** Members and their access, as the API shows them. */
import type { access, member } from "@effect-redivis/core/Contract"
import type { Urls } from "../server.ts"
import type * as Model from "../store/model.ts"
import { datasetBase, me as user } from "./render.ts"

export const memberWhole = (shown: Model.Member, urls: Urls): member.Member => {
  const uri = `/organizations/${shown.organization}/members/${shown.user.name}`
  return {
    kind: "member",
    uri,
    url: urls.origin + uri,
    user: user(shown.user),
    status: shown.status,
    isAdmin: shown.isAdmin,
    labels: shown.labels,
    createdAt: shown.createdAt,
    submittedAt: shown.submittedAt,
    approvedAt: shown.approvedAt,
    rejectedAt: shown.rejectedAt,
    leftAt: shown.leftAt,
    ...(shown.user.contactEmail === null ? undefined : {
      authentication: {
        kind: "authentication",
        type: "email",
        identifier: shown.user.contactEmail,
        email: shown.user.contactEmail,
        // nobody signs in to the emulator but by tokens
        lastLogin: null,
        affiliations: [],
        identityProvider: null
      }
    })
  }
}

export const accessWhole = (
  at: Model.DatasetAtVersion,
  of: Model.User,
  level: Model.AccessLevel,
  urls: Urls
): access.Access => ({ kind: "access", accessLevel: level, dataset: datasetBase(at, urls), user: user(of) })
