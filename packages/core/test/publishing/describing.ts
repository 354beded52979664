/** A dataset as the API would describe it, for what is made from metadata alone. */
import type { Description } from "../../src/publishing/Metadata.ts"
import type { TableListItem } from "../../src/resources/Table.ts"
import type { Variable } from "../../src/resources/Variable.ts"

export const table = (name: string, more: Partial<TableListItem> = {}): TableListItem => ({
  name,
  uri: `/tables/demo.penguins:5k9t:v1_2.${name}`,
  qualifiedReference: `demo.penguins:5k9t:v1_2.${name}`,
  scopedReference: name,
  ...more
})

export const variable = (name: string, type: string, more: Partial<Variable> = {}): Variable => ({
  name,
  type,
  ...more
})

export const described: Description = {
  dataset: {
    name: "Penguins & others",
    qualifiedReference: "demo.penguins:5k9t:v1_2",
    scopedReference: "penguins:5k9t:v1_2",
    uri: "/datasets/demo.penguins:5k9t:v1_2",
    url: "https://redivis.com/datasets/demo.penguins:5k9t:v1_2",
    doi: "10.5072/abcd-1234",
    description: "Birds of the Palmer Archipelago",
    owner: { kind: "organization", name: "demo", fullName: "Demo 100% {Data}" },
    createdAt: Date.UTC(2020, 0, 2),
    updatedAt: Date.UTC(2021, 4, 6),
    publicAccessLevel: "data",
    labels: ["birds", "topic:ice"],
    version: { tag: "v1.2" },
    geoBBox: { westLongitude: -66, eastLongitude: -60, northLatitude: -62, southLatitude: -68 },
    temporalRange: [Date.UTC(2007, 10, 11), Date.UTC(2009, 11, 1)]
  },
  tables: [
    {
      table: table("birds", { numRows: 344, description: "One row a bird" }),
      variables: [
        variable("species", "string", {
          label: "Species",
          description: "Seen | counted,\n\"twice\"",
          valueLabels: [{ value: "a", label: "Adelie" }, { value: "g", label: "Gentoo" }]
        }),
        variable("body_mass_g", "integer", { label: "Body mass" }),
        variable("seen at", "dateTime")
      ]
    },
    { table: table("nests <old>"), variables: [variable("where", "geography")] }
  ]
}
