/** What the rows of `tests/wire` name, as a seed of the emulator, and raw requests to it. */
import * as Emulator from "@effect-redivis/emulator/Emulator"
import type { Seed } from "@effect-redivis/emulator/Seed"
import * as Effect from "effect/Effect"
import { exampleOf, type Row, tokenOf, wire } from "./wireTable.ts"

const observations = [
  { station: "USW00094728", "max temperature °C": 1.5 },
  { station: "USW00094729", "max temperature °C": 2.5 }
]

/** A query that runs for longer than any test. */
const endless =
  "select sum(a * b) as total from unnest(generate_array(1, 1000000)) a, unnest(generate_array(1, 1000000)) b"

export const seed: Seed = {
  users: [
    { name: "researcher", fullName: "Researcher", contactEmail: "researcher@example.org" },
    { name: "ada", fullName: "Ada L.", contactEmail: "ada@example.org" }
  ],
  organizations: [{
    name: "demo",
    fullName: "Redivis Demo Organization",
    members: [{ user: "researcher", isAdmin: true }, { user: "ada", labels: ["cohort:2026"] }]
  }],
  secrets: [
    { owner: "researcher", name: "weather key/2", value: "of the researcher" },
    { owner: "demo", name: "key", value: "of the organization" }
  ],
  tokens: [{ text: "overview-token", user: "researcher", scopes: ["data.overview"] }],
  datasets: [
    {
      owner: "demo",
      name: "GHCN Daily Weather Data",
      referenceId: "7br5",
      publicAccessLevel: "data",
      description: "Daily summaries of land stations.",
      labels: ["climate", "topic:weather"],
      versions: [
        {
          tables: [{
            name: "Daily observations",
            referenceId: "a1b2",
            variables: [{ name: "station", type: "string", label: "Station" }, {
              name: "max temperature °C",
              type: "float"
            }],
            rows: observations
          }]
        },
        { tables: [{ name: "Daily observations", rows: [{ station: "USW00094730", "max temperature °C": 3.5 }] }] }
      ]
    },
    {
      owner: "researcher",
      name: "My data set!",
      referenceId: "abcd",
      versions: [
        { tables: [{ name: "Tagged / birds", referenceId: "mnop" }, { name: "To go?" }] },
        { released: false, tables: [{ name: "Field notes", referenceId: "wxyz", isFileIndex: true }] }
      ]
    },
    { owner: "researcher", name: "d/é%", referenceId: "qrst", versions: [{}] },
    { owner: "researcher", name: "(to go) it's 50% off*", versions: [{}] },
    {
      owner: "researcher",
      name: "three versions",
      referenceId: "vers",
      versions: [1, 2, 3].map((a) => ({ tables: [{ name: "rows", rows: [{ a }] }] }))
    },
    { owner: "researcher", name: "given up", referenceId: "give", versions: [{}, { released: false }] },
    {
      owner: "researcher",
      name: "draft to release",
      referenceId: "efgh",
      versions: [{ released: false, tables: [{ name: "rows", rows: [{ a: 1 }] }] }]
    }
  ],
  workflows: [
    {
      owner: "demo",
      name: "Climate / heat",
      referenceId: "wf01",
      publicAccessLevel: "view",
      study: "Heat",
      description: "Days above 30 °C.",
      tables: [{ name: "Warm days", referenceId: "t001", rows: [{ day: 1 }] }],
      parameters: [{ name: "stations", values: ["USW00094728"] }, { name: "years", values: [2019] }],
      dataSources: [{ sourceDataset: "demo.ghcn_daily_weather_data:7br5:v1_0" }],
      transforms: [{
        name: "Heat",
        referenceId: "tr01",
        sourceTable: "daily_observations",
        query: "select station from _source_ where station in unnest(@stations)"
      }],
      notebooks: [{ name: "Model", referenceId: "nb01", sourceTable: "warm_days" }]
    },
    {
      owner: "researcher",
      name: "Own work",
      referenceId: "wf02",
      parameters: [{ name: "to_change", values: [1] }, { name: "to_remove", values: [] }]
    },
    {
      owner: "researcher",
      name: "Second work",
      referenceId: "wf03",
      tables: [{ name: "Found", referenceId: "t002", rows: [{ day: 1 }] }],
      dataSources: [{ sourceDataset: "demo.ghcn_daily_weather_data:7br5:v1_0" }],
      transforms: [
        { name: "To change", referenceId: "tr02" },
        { name: "To run", referenceId: "tr03", query: "select station from daily_observations" },
        { name: "To cancel", referenceId: "tr04", query: endless }
      ],
      notebooks: [
        { name: "To change", referenceId: "nb02" },
        { name: "To run", referenceId: "nb03" },
        { name: "To stop", referenceId: "nb04" },
        { name: "To give out", referenceId: "nb05" }
      ]
    }
  ]
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly bytes: Uint8Array
}

const bodyOf = (row: Row): BodyInit | undefined => {
  if (row.multipart !== undefined) {
    const form = new FormData()
    form.append(
      "metadata",
      new Blob([JSON.stringify(row.multipart.metadata)], { type: "application/json" }),
      "metadata"
    )
    form.append("data", new Blob([row.multipart.data]), "data")
    return form
  }
  return row.body === undefined ? undefined : JSON.stringify(row.body)
}

/** Sends a row as it stands, by `fetch`. */
export const ask = (base: string, row: Row): Effect.Effect<Answered> =>
  Effect.promise(async () => {
    const query = new URLSearchParams(row.query).toString()
    const body = bodyOf(row)
    const response = await fetch(`${base}${row.path}${query === "" ? "" : `?${query}`}`, {
      method: row.verb,
      headers: {
        authorization: `Bearer ${tokenOf(row)}`,
        ...row.requestHeaders,
        ...(typeof body === "string" ? { "content-type": "application/json" } : undefined)
      },
      ...(body === undefined ? undefined : { body })
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) }
  })

/** Reads a text at a path of an answer to a row. */
const drawn = (row: Row, read: (body: any) => unknown): Effect.Effect<string, never, Emulator.Emulator> =>
  Effect.flatMap(
    Emulator.Emulator,
    ({ baseUrl }) => Effect.map(ask(baseUrl, row), (answered) => String(read(JSON.parse(answered.text))))
  )

/** Asks a row until the job that it shows has ended. */
const ended = (row: Row): Effect.Effect<void, never, Emulator.Emulator> =>
  Effect.gen(function*() {
    const { baseUrl } = yield* Emulator.Emulator
    for (;;) {
      const { text } = yield* ask(baseUrl, row)
      if (!["queued", "running"].includes(JSON.parse(text).status)) return
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))
    }
  })

/** The bytes of a file in storage, for the index of the field notes. */
const tempFile: Effect.Effect<string, never, Emulator.Emulator> = Effect.gen(function*() {
  const { baseUrl } = yield* Emulator.Emulator
  const row = wire.rows.find(({ operation, title }) =>
    operation === "tables.createTempUploads" && title === "for files"
  )
  const { text } = yield* ask(baseUrl, row!)
  const [{ id, url }] = JSON.parse(text).results
  yield* Effect.promise(() => fetch(url, { method: "PUT", body: "day one: 3 birds.\n" }).then((sent) => sent.text()))
  return id
})

/** Posts to a node of the second workflow, whatever comes of it. */
const postTo = (node: string): Effect.Effect<any, never, Emulator.Emulator> =>
  Effect.flatMap(
    Emulator.Emulator,
    ({ baseUrl }) =>
      Effect.map(
        ask(baseUrl, {
          ...exampleOf("transforms.run"),
          path: `/${node}`
        }),
        ({ text }) => JSON.parse(text)
      )
  )

const givingOut = "notebooks/researcher.second_work.to_give_out"

/** What a server draws: made anew for each row that names it. */
export const placeholders = (name: string): Effect.Effect<string, never, Emulator.Emulator> => {
  switch (name) {
    case "pageToken":
      return drawn(
        { ...exampleOf("datasets.listByUser"), query: { maxResults: "1" } },
        (body) => body.nextPageToken
      )
    case "query":
      return Effect.tap(
        drawn(exampleOf("queries.post"), (body) => body.id),
        (id) => ended({ ...exampleOf("queries.get"), path: `/queries/${id}` })
      )
    case "export":
      return Effect.tap(
        drawn(exampleOf("exports.postByTable"), (body) => body.id),
        (id) => ended({ ...exampleOf("exports.get"), path: `/exports/${id}` })
      )
    case "tempFile":
      return tempFile
    case "rawFile":
      return Effect.flatMap(tempFile, (tempUploadId) =>
        drawn(
          { ...exampleOf("rawFiles.post"), body: { files: [{ name: "notes/day 1.txt", tempUploadId }] } },
          (body) => body.results[0].id
        ))
    case "stream":
      return drawn(exampleOf("readSessions.postByTable"), (body) => body.streams[0].id)
    case "runningTransform":
      return Effect.as(postTo("transforms/researcher.second_work.to_cancel/run"), "/to_cancel/cancel")
    case "runningNotebook":
      return Effect.as(postTo("notebooks/researcher.second_work.to_stop/run"), "/to_stop/stop")
    case "notebookJob":
      return Effect.andThen(
        postTo(`${givingOut}/stop`),
        Effect.map(postTo(`${givingOut}/run`), (notebook) => notebook.currentJob.id)
      )
    case "notebookTempUpload":
      return Effect.gen(function*() {
        const { baseUrl } = yield* Emulator.Emulator
        const { text } = yield* ask(baseUrl, { ...exampleOf("notebooks.get"), path: `/${givingOut}` })
        const made = yield* ask(baseUrl, {
          ...exampleOf("notebookJobs.createTempUploads"),
          path: `/notebookJobs/${JSON.parse(text).currentJob.id}/tempUploads`
        })
        const [{ id, url }] = JSON.parse(made.text).results
        yield* Effect.promise(() =>
          fetch(url, { method: "PUT", body: "day,heat\n1,30.5\n" }).then((sent) => sent.text())
        )
        return id
      })
    case "upload": {
      const row = wire.rows.find(({ multipart }) => multipart !== undefined)!
      const named = { ...row, multipart: { ...row.multipart!, metadata: { name: "session.v1/é.csv" } } }
      return Effect.as(
        Effect.andThen(
          drawn(named, (body) => body.id),
          ended({ ...exampleOf("uploads.get"), path: `${row.path}/session_v1%2F%C3%A9_csv` })
        ),
        "session_v1%2F%C3%A9_csv"
      )
    }
    case "tempUpload": {
      const bytes = "abc,def\n".repeat(131073)
      return Effect.flatMap(
        Emulator.Emulator,
        ({ baseUrl }) =>
          Effect.flatMap(ask(baseUrl, exampleOf("tables.createTempUploads")), ({ text }) =>
            Effect.promise(async () => {
              const [{ id, url }] = JSON.parse(text).results
              const response = await fetch(url, { method: "PUT", body: bytes })
              await response.arrayBuffer()
              return id
            }))
      )
    }
    default:
      return Effect.die(new Error(`tests/wire names ${name}, which nothing draws`))
  }
}
