/** Users, organizations, members, tokens, grants and secrets. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Database, Row } from "./Database.ts"
import * as Decode from "./decode.ts"
import { makeId, sha256 } from "./identifiers.ts"
import type * as Model from "./model.ts"
import type { Accounts, Grants, Members, Secrets, Tokens } from "./Store.ts"
import { StoreConflict, StoreInvalid, StoreNotFound } from "./StoreError.ts"

/** Accounts have names of word characters alone, and compare without regard to case. */
export const accountKey = (name: string): string => name.toLowerCase()

const toUser = (row: Row): Model.User => ({
  kind: "user",
  name: Decode.text(row, "name"),
  fullName: Decode.text(row, "full_name"),
  contactEmail: Decode.textOrNull(row, "contact_email"),
  orcid: Decode.textOrNull(row, "orcid")
})

export const toAccount = (row: Row): Model.Account =>
  Decode.text(row, "kind") === "user" ? toUser(row) : {
    kind: "organization",
    name: Decode.text(row, "name"),
    fullName: Decode.text(row, "full_name"),
    ror: Decode.textOrNull(row, "ror"),
    doiPrefix: Decode.textOrNull(row, "doi_prefix")
  }

/** Whether one of the labels is asked for: `a` asks for `a` and for every `a:b`. */
export const hasLabel = (labels: ReadonlyArray<string>, wanted: ReadonlyArray<string>): boolean =>
  labels.some((label) => {
    const key = label.toLowerCase()
    return wanted.some((want) => key === want.toLowerCase() || key.startsWith(`${want.toLowerCase()}:`))
  })

export const makeAccounts = (database: Database): Accounts => {
  const find = (name: string): Effect.Effect<Model.Account | undefined> =>
    Effect.map(
      database.rows("SELECT * FROM registry.accounts WHERE key = $1", [accountKey(name)]),
      ([row]) => row === undefined ? undefined : toAccount(row)
    )

  const put = (account: Model.Account): Effect.Effect<void, StoreConflict | StoreInvalid> =>
    database.write(Effect.gen(function*() {
      if (!/^\w+$/.test(account.name)) {
        return yield* new StoreInvalid({ field: "name", message: "must be letters, digits and underscores" })
      }
      const existing = yield* find(account.name)
      if (existing !== undefined && existing.kind !== account.kind) {
        return yield* new StoreConflict({
          reason: "nameTaken",
          message: `${existing.name} is the name of a${existing.kind === "user" ? " user" : "n organization"}`
        })
      }
      const user = account.kind === "user" ? account : undefined
      const organization = account.kind === "organization" ? account : undefined
      const key = accountKey(account.name)
      const values = [
        account.name,
        account.fullName,
        user?.contactEmail ?? null,
        user?.orcid ?? null,
        organization?.ror ?? null,
        organization?.doiPrefix ?? null,
        key
      ]
      yield* existing === undefined
        ? database.run(
          `INSERT INTO registry.accounts (name, full_name, contact_email, orcid, ror, doi_prefix, key, kind)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [...values, account.kind]
        )
        : database.run(
          `UPDATE registry.accounts
           SET name = $1, full_name = $2, contact_email = $3, orcid = $4, ror = $5, doi_prefix = $6 WHERE key = $7`,
          values
        )
    }))

  const get: Accounts["get"] = (name) =>
    Effect.flatMap(find(name), (account) =>
      account === undefined
        ? Effect.fail(new StoreNotFound({ kind: "account", reference: name }))
        : Effect.succeed(account))

  const getUser: Accounts["getUser"] = (name) =>
    Effect.flatMap(find(name), (account) =>
      account?.kind === "user"
        ? Effect.succeed(account)
        : Effect.fail(new StoreNotFound({ kind: "user", reference: name })))

  const getOrganization: Accounts["getOrganization"] = (name) =>
    Effect.flatMap(find(name), (account) =>
      account?.kind === "organization"
        ? Effect.succeed(account)
        : Effect.fail(new StoreNotFound({ kind: "organization", reference: name })))

  return {
    putUser: (user) => {
      const account: Model.User = {
        kind: "user",
        name: user.name,
        fullName: user.fullName ?? user.name,
        contactEmail: user.contactEmail ?? null,
        orcid: user.orcid ?? null
      }
      return Effect.as(put(account), account)
    },
    putOrganization: (organization) => {
      const account: Model.Organization = {
        kind: "organization",
        name: organization.name,
        fullName: organization.fullName ?? organization.name,
        ror: organization.ror ?? null,
        doiPrefix: organization.doiPrefix ?? null
      }
      return Effect.as(put(account), account)
    },
    get,
    getUser,
    getOrganization,
    list: Effect.map(
      database.rows("SELECT * FROM registry.accounts ORDER BY position"),
      (rows) => rows.map(toAccount)
    )
  }
}

const memberColumns = `
  SELECT m.status, m.is_admin, m.labels, m.created_at, m.approved_at, m.rejected_at, m.left_at,
    o.name AS organization, u.kind, u.name, u.full_name, u.contact_email, u.orcid, u.ror, u.doi_prefix
  FROM registry.members m
  JOIN registry.accounts o ON o.key = m.organization_key
  JOIN registry.accounts u ON u.key = m.user_key`

const toMember = (row: Row): Model.Member => ({
  organization: Decode.text(row, "organization"),
  user: toUser(row),
  status: Decode.word(row, "status"),
  isAdmin: Decode.boolean(row, "is_admin"),
  labels: Decode.json(row, "labels"),
  createdAt: Decode.number(row, "created_at"),
  submittedAt: Decode.number(row, "created_at"),
  approvedAt: Decode.numberOrNull(row, "approved_at"),
  rejectedAt: Decode.numberOrNull(row, "rejected_at"),
  leftAt: Decode.numberOrNull(row, "left_at")
})

export const makeMembers = (database: Database, accounts: Accounts): Members => {
  const find = (organization: string, user: string): Effect.Effect<Model.Member | undefined> =>
    Effect.map(
      database.rows(`${memberColumns} WHERE m.organization_key = $1 AND m.user_key = $2`, [
        accountKey(organization),
        accountKey(user)
      ]),
      ([row]) => row === undefined ? undefined : toMember(row)
    )

  const get: Members["get"] = (organization, user) =>
    Effect.flatMap(find(organization, user), (member) =>
      member === undefined
        ? Effect.fail(new StoreNotFound({ kind: "member", reference: `${organization}/${user}` }))
        : Effect.succeed(member))

  return {
    put: (organizationName, userName, change) =>
      database.write(Effect.gen(function*() {
        const organization = yield* accounts.getOrganization(organizationName)
        const user = yield* accounts.getUser(userName)
        const existing = yield* find(organization.name, user.name)
        const now = yield* Clock.currentTimeMillis
        const status = change.status ?? existing?.status ?? "approved"
        const since = (wanted: Model.Member["status"], earlier: number | null | undefined) =>
          status !== wanted ? earlier ?? null : existing?.status === wanted ? earlier ?? now : now
        if (existing === undefined) {
          yield* database.run(
            `INSERT INTO registry.members (organization_key, user_key, created_at) VALUES ($1, $2, $3)`,
            [accountKey(organization.name), accountKey(user.name), now]
          )
        }
        yield* database.run(
          `UPDATE registry.members
           SET status = $3, is_admin = $4, labels = $5, approved_at = $6, rejected_at = $7, left_at = $8
           WHERE organization_key = $1 AND user_key = $2`,
          [
            accountKey(organization.name),
            accountKey(user.name),
            status,
            change.isAdmin ?? existing?.isAdmin ?? false,
            JSON.stringify(change.labels ?? existing?.labels ?? []),
            since("approved", existing?.approvedAt),
            since("rejected", existing?.rejectedAt),
            since("left", existing?.leftAt)
          ]
        )
        return yield* get(organization.name, user.name)
      })),
    get,
    list: (organizationName, filter) =>
      Effect.gen(function*() {
        const organization = yield* accounts.getOrganization(organizationName)
        const rows = yield* database.rows(`${memberColumns} WHERE m.organization_key = $1 ORDER BY m.position`, [
          accountKey(organization.name)
        ])
        return rows.map(toMember).filter(({ status, labels }) =>
          (filter?.statuses === undefined || filter.statuses.includes(status)) &&
          (filter?.labels === undefined || hasLabel(labels, filter.labels))
        )
      }),
    ofUser: (user) =>
      Effect.map(
        database.rows(`${memberColumns} WHERE m.user_key = $1 AND m.status = 'approved' ORDER BY m.position`, [
          accountKey(user)
        ]),
        (rows) => rows.map(toMember)
      ),
    addComment: (organization, user, comment) =>
      database.write(Effect.gen(function*() {
        yield* get(organization, user)
        yield* database.run(
          `INSERT INTO registry.comments (organization_key, user_key, author, text, created_at)
           VALUES ($1, $2, $3, $4, $5)`,
          [accountKey(organization), accountKey(user), comment.author, comment.text, yield* Clock.currentTimeMillis]
        )
      })),
    comments: (organization, user) =>
      Effect.gen(function*() {
        yield* get(organization, user)
        const rows = yield* database.rows(
          "SELECT * FROM registry.comments WHERE organization_key = $1 AND user_key = $2 ORDER BY position",
          [accountKey(organization), accountKey(user)]
        )
        return rows.map((row) => ({
          author: Decode.text(row, "author"),
          text: Decode.text(row, "text"),
          createdAt: Decode.number(row, "created_at")
        }))
      })
  }
}

export const makeTokens = (database: Database, accounts: Accounts): Tokens => {
  const find: Tokens["find"] = (text) =>
    Effect.flatMap(
      database.rows(
        `SELECT t.*, a.name AS user_name FROM registry.tokens t JOIN registry.accounts a ON a.key = t.user_key
         WHERE t.hash = $1`,
        [sha256(text)]
      ),
      ([row]) =>
        row === undefined
          ? Effect.fail(new StoreNotFound({ kind: "token", reference: "" }))
          : Effect.succeed({
            id: Decode.text(row, "id"),
            user: Decode.text(row, "user_name"),
            scopes: Decode.json<ReadonlyArray<string>>(row, "scopes"),
            createdAt: Decode.number(row, "created_at"),
            expiresAt: Decode.numberOrNull(row, "expires_at")
          })
    )
  return {
    put: (token) =>
      database.write(Effect.gen(function*() {
        const user = yield* accounts.getUser(token.user)
        const hash = sha256(token.text)
        yield* database.run("DELETE FROM registry.tokens WHERE hash = $1", [hash])
        yield* database.run(
          `INSERT INTO registry.tokens (id, hash, user_key, scopes, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6)`,
          [
            makeId(),
            hash,
            accountKey(user.name),
            JSON.stringify(token.scopes),
            yield* Clock.currentTimeMillis,
            token.expiresAt ?? null
          ]
        )
        return yield* find(token.text)
      })),
    find,
    remove: (id) => database.write(database.run("DELETE FROM registry.tokens WHERE id = $1", [id]))
  }
}

export const makeGrants = (database: Database, accounts: Accounts): Grants => ({
  put: (datasetId, userName, level) =>
    database.write(Effect.gen(function*() {
      const user = yield* accounts.getUser(userName)
      const [dataset] = yield* database.rows("SELECT id FROM registry.datasets WHERE id = $1", [datasetId])
      if (dataset === undefined) return yield* new StoreNotFound({ kind: "dataset", reference: datasetId })
      const key = accountKey(user.name)
      yield* database.run("DELETE FROM registry.grants WHERE dataset_id = $1 AND user_key = $2", [datasetId, key])
      if (level !== "none") {
        yield* database.run("INSERT INTO registry.grants (dataset_id, user_key, level) VALUES ($1, $2, $3)", [
          datasetId,
          key,
          level
        ])
      }
    })),
  get: (datasetId, user) =>
    Effect.map(
      database.rows("SELECT level FROM registry.grants WHERE dataset_id = $1 AND user_key = $2", [
        datasetId,
        accountKey(user)
      ]),
      ([row]) => row === undefined ? "none" : Decode.word<Model.AccessLevel>(row, "level")
    ),
  list: (datasetId) =>
    Effect.map(
      database.rows(
        `SELECT a.name, g.level FROM registry.grants g JOIN registry.accounts a ON a.key = g.user_key
         WHERE g.dataset_id = $1 ORDER BY a.position`,
        [datasetId]
      ),
      (rows) =>
        rows.map((row) => ({
          user: Decode.text(row, "name"),
          level: Decode.word<Model.AccessLevel>(row, "level")
        }))
    )
})

export const makeSecrets = (database: Database, accounts: Accounts): Secrets => {
  const get: Secrets["get"] = (owner, name) =>
    Effect.flatMap(
      database.rows(
        `SELECT s.*, a.name AS owner FROM registry.secrets s JOIN registry.accounts a ON a.key = s.owner_key
         WHERE s.owner_key = $1 AND s.name = $2`,
        [accountKey(owner), name]
      ),
      ([row]) =>
        row === undefined
          ? Effect.fail(new StoreNotFound({ kind: "secret", reference: `${owner}/${name}` }))
          : Effect.succeed({
            owner: Decode.text(row, "owner"),
            name: Decode.text(row, "name"),
            value: Decode.text(row, "value"),
            createdAt: Decode.number(row, "created_at"),
            updatedAt: Decode.number(row, "updated_at")
          })
    )
  return {
    put: (ownerName, name, value) =>
      database.write(Effect.gen(function*() {
        const owner = yield* accounts.get(ownerName)
        const key = accountKey(owner.name)
        const now = yield* Clock.currentTimeMillis
        const [existing] = yield* database.rows(
          "DELETE FROM registry.secrets WHERE owner_key = $1 AND name = $2 RETURNING created_at",
          [key, name]
        )
        yield* database.run(
          `INSERT INTO registry.secrets (owner_key, name, value, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)`,
          [key, name, value, existing === undefined ? now : Decode.number(existing, "created_at"), now]
        )
        return yield* get(owner.name, name)
      })),
    get
  }
}
