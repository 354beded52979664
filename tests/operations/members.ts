import { dataset, member as contract } from "@effect-redivis/core/Contract"
import * as Member from "@effect-redivis/core/Member"
import * as Organization from "@effect-redivis/core/Organization"
import * as Effect from "effect/Effect"
import { equal, isTrue, matches } from "../cases/assert.ts"
import { Place } from "../cases/Case.ts"
import { commentsOf } from "../cases/control.ts"
import { user } from "../cases/seeds.ts"
import { type Proof, prove } from "./Proof.ts"
import { foreignPage, own } from "./state.ts"
import { foreignTeam, member, team } from "./teamState.ts"

/** An account name that nobody has. */
const nobody = Effect.map(Place, ({ run }) => `${run}_nobody`)

export const organizations: ReadonlyArray<Proof> = [
  prove(dataset.headByOrganization, {
    success: Effect.gen(function*() {
      equal(yield* Organization.exists(yield* own), true)
    }),
    call: Effect.map(own, (organization) => Organization.exists(organization)),
    refused: Organization.exists("a/b"),
    failures: { NotFound: Effect.map(nobody, (organization) => Organization.exists(organization)) }
  })
]

export const members: ReadonlyArray<Proof> = [
  prove(contract.list, {
    success: Effect.gen(function*() {
      const { ada, name } = yield* team
      const names = (page: Member.Page<Member.Member>) => page.results.map((one) => one.user.name)
      const first = yield* Member.listPage(name, { pageSize: 1 })
      const second = yield* Member.listPage(name, { pageToken: first.nextPageToken, pageSize: 1 })
      equal([first.results.length, second.results.length], [1, 1])
      const everyone = names(yield* Member.listPage(name))
      equal([...names(first), ...names(second)], everyone.slice(0, 2))
      isTrue(everyone.includes(user) && everyone.includes(ada), "both are members")
      // a label stands for those that begin with it and a colon, and for no other
      equal(names(yield* Member.listPage(name, { labels: ["cohort"] })), [ada])
      equal(names(yield* Member.listPage(name, { labels: ["coho"] })), [])
      const { results } = yield* Member.listPage(name, { statuses: ["pending", "left"] })
      equal(results.map(({ status }) => String(status)).toSorted(), ["left", "pending"])
    }),
    call: Effect.map(team, ({ name }) => Member.listPage(name)),
    refused: Member.listPage("a", { pageSize: 0 }),
    failures: {
      BadRequest: Effect.map(team, ({ name }) => Member.listPage(name, foreignPage)),
      Forbidden: Effect.map(foreignTeam, ({ name }) => Member.listPage(name)),
      NotFound: Effect.map(nobody, (name) => Member.listPage(name))
    }
  }),
  prove(contract.get, {
    success: Effect.gen(function*() {
      const { ada, name } = yield* team
      const found = yield* Member.get(name, ada.toUpperCase())
      matches(found, { kind: "member", status: "approved", isAdmin: false, labels: ["cohort:2026", "speaker"] })
      equal(found.user.name, ada)
    }),
    call: Effect.map(team, ({ ada, name }) => Member.get(name, ada)),
    refused: Member.get("a", ".."),
    failures: {
      Forbidden: Effect.map(foreignTeam, ({ ada, name }) => Member.get(name, ada)),
      NotFound: Effect.gen(function*() {
        const { name } = yield* team
        return Member.get(name, yield* nobody)
      })
    }
  }),
  prove(contract.head, {
    success: Effect.gen(function*() {
      const { ada, name } = yield* team
      equal(yield* Member.exists(name, ada), true)
    }),
    call: Effect.map(team, ({ ada, name }) => Member.exists(name, ada)),
    refused: Member.exists("a b", "c"),
    failures: {
      Forbidden: Effect.map(foreignTeam, ({ ada, name }) => Member.exists(name, ada)),
      NotFound: Effect.gen(function*() {
        const { name } = yield* team
        return Member.exists(name, yield* nobody)
      })
    }
  }),
  prove(contract.patch, {
    success: Effect.gen(function*() {
      const { name, user } = yield* member("to let in", { status: "pending", labels: ["new"] })
      matches(yield* Member.update(name, user, { status: "approved" }), { status: "approved", labels: ["new"] })
      yield* Member.update(name, user, { labels: ["cohort:2026"] })
      const found = yield* Member.get(name, user)
      matches(found, { status: "approved", labels: ["cohort:2026"], rejectedAt: null })
      equal(typeof found.approvedAt, "number")
      yield* Member.update(name, user, { status: "rejected" })
      matches(yield* Member.get(name, user), { status: "rejected", labels: ["cohort:2026"] })
    }),
    call: Effect.map(member("to change"), ({ name, user }) => Member.update(name, user, { labels: [] })),
    refused: Member.update("a", "b", { labels: ["two words"] }),
    failures: {
      Forbidden: Effect.map(foreignTeam, ({ ada, name }) => Member.update(name, ada, { labels: [] })),
      NotFound: Effect.gen(function*() {
        const { name } = yield* team
        return Member.update(name, yield* nobody, { labels: [] })
      })
    }
  }),
  prove(contract.comment, {
    success: Effect.gen(function*() {
      const { name, user: about } = yield* member("commented")
      yield* Member.addComment(name, about, "Signed on paper.")
      yield* Member.addComment(name, about, "Moved.")
      const comments = yield* commentsOf(name, about)
      equal(comments.map(({ author, text }) => [author, text]), [[user, "Signed on paper."], [user, "Moved."]])
    }),
    call: Effect.map(member("to comment"), ({ name, user }) => Member.addComment(name, user, "Once.")),
    refused: Member.addComment("a", "b", ""),
    failures: {
      Forbidden: Effect.map(foreignTeam, ({ ada, name }) => Member.addComment(name, ada, "Mine.")),
      NotFound: Effect.gen(function*() {
        const { name } = yield* team
        return Member.addComment(name, yield* nobody, "Who?")
      })
    }
  })
]
