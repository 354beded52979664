/**
 * A project that uses the packages as they are published, and in it programs
 * that export whatever public values give, as a library over them would.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import ts from "typescript-5.9"
import { publicModules } from "../../scripts/exports.ts"
import { folderOf, type Published, published, readManifest, root } from "../../scripts/packages.ts"

/** Links a library, from where one of the workspace's packages has it, to where another package finds it alone. */
export const link = (name: string, from: string, place: string, as = name): void => {
  const linked = Path.join(place, "node_modules", as)
  Fs.mkdirSync(Path.dirname(linked), { recursive: true })
  Fs.symlinkSync(Fs.realpathSync(Path.join(from, "node_modules", name)), linked)
}

/**
 * Puts what the build made of packages into a folder, with the manifests that
 * are published. What they depend on is theirs alone, as strict package managers
 * have it; peers are for the folder itself to install.
 */
export const installPublished = (folder: string, names: ReadonlyArray<Published>): void => {
  for (const name of names) {
    const { publishConfig, ...manifest } = readManifest(folderOf(name))
    const place = Path.join(folder, "node_modules", manifest.name)
    Fs.cpSync(Path.join(folderOf(name), "dist"), Path.join(place, "dist"), { recursive: true })
    Fs.writeFileSync(Path.join(place, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }))
    for (const library of Object.keys(manifest.dependencies ?? {})) {
      if (!library.startsWith("@effect-redivis/")) link(library, folderOf(name), place)
    }
  }
}

const strictness = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, declaration: true }

const options: ts.CompilerOptions = {
  ...strictness,
  target: ts.ScriptTarget.ES2024,
  lib: ["lib.es2024.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ["node"]
}

/** The same for a compiler that is run as a command. */
const configuration = {
  compilerOptions: {
    ...strictness,
    target: "ES2024",
    lib: ["ES2024", "ESNext.Disposable", "DOM"],
    module: "NodeNext",
    moduleResolution: "NodeNext",
    types: ["node"],
    emitDeclarationOnly: true,
    outDir: "out"
  },
  include: ["*.ts"]
}

/** Compiles one text after another as a file of the folder, and reads every other file once. */
const makeCompiler = (folder: string) => {
  const host = ts.createCompilerHost(options)
  const fileExists = host.fileExists.bind(host)
  const getSourceFile = host.getSourceFile.bind(host)
  const files = new Map<string, ts.SourceFile | undefined>()
  const name = Path.join(folder, "consumer.ts")
  let text = ""
  let oldProgram: ts.Program | undefined
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone
  host.getCurrentDirectory = () => folder
  host.fileExists = (file) => file === name || fileExists(file)
  host.getSourceFile = (file, ...rest) => {
    if (file === name) return ts.createSourceFile(name, text, rest[0], true)
    if (!files.has(file)) files.set(file, getSourceFile(file, ...rest))
    return files.get(file)
  }
  return (given: string): { readonly program: ts.Program; readonly file: ts.SourceFile } => {
    text = given
    // where an earlier program found a module need not be looked for again
    const program = ts.createProgram({
      rootNames: [name],
      options,
      host,
      ...(oldProgram === undefined ? {} : { oldProgram })
    })
    oldProgram = program
    return { program, file: program.getSourceFile(name)! } // its only root
  }
}

/** What is exported of a call beside its result: what an effect or a stream succeeds with, fails with, and fails with once an error was handled. */
const prelude = `
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
declare const successOf: <A, E, R>(self: Effect.Effect<A, E, R>) => A
declare const failureOf: <A, E, R>(self: Effect.Effect<A, E, R>) => E
declare const restOf: <A, E, R>(self: Effect.Effect<A, E, R>) => Exclude<E, { readonly _tag: "InvalidInput" }>
declare const elementOf: <A, E, R>(self: Stream.Stream<A, E, R>) => A
declare const streamFailureOf: <A, E, R>(self: Stream.Stream<A, E, R>) => E
declare const streamRestOf: <A, E, R>(self: Stream.Stream<A, E, R>) => Exclude<E, { readonly _tag: "InvalidInput" }>
`

const partsOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  Effect: ["successOf", "failureOf", "restOf"],
  Stream: ["elementOf", "streamFailureOf", "streamRestOf"]
}

/** Calls of functions whose overloads each have type parameters: their parameters cannot be told from outside. */
const callsOf = (module: string, name: string): ReadonlyArray<string> | undefined => {
  if (module !== "@effect-redivis/core/RedivisError" || !name.startsWith("catch")) return undefined
  const failing = "Effect.fail(null! as M.RedivisError)"
  return [`M.${name}(${failing}, () => Effect.void)`, `${failing}.pipe(M.${name}(() => Effect.void))`]
}

/** The parameters of the overload at `index` of `count`, whose type parameters are what they are bound by. */
const parametersType = (value: string, index: number, count: number): string => {
  const overloads = Array.from({ length: count }, (_, at) => `(...parameters: infer P${at}): any`).join("; ")
  return `typeof ${value} extends { ${overloads} } ? P${index} : never`
}

export interface Program {
  readonly module: string
  readonly text: string
  /** What each line of the text exports. */
  readonly shows: ReadonlyMap<number, string>
}

/** What a program exports of one module: each value, what each of its overloads gives, the parts of that, and of each type. */
const programOf = (checker: ts.TypeChecker, symbol: ts.Symbol, module: string): Program => {
  const lines = [...prelude.trim().split("\n"), `import * as M from ${JSON.stringify(module)}`]
  const shows = new Map<number, string>()
  const show = (what: string, expression: string): string => {
    const name = `shown${lines.length}`
    shows.set(lines.push(`export const ${name} = ${expression}`), `${module} ${what}`)
    return name
  }
  const declare = (type: string): string => {
    const name = `given${lines.length}`
    lines.push(`declare const ${name}: ${type}`)
    return name
  }
  const showParts = (what: string, expression: string, type: ts.Type): void => {
    for (const part of partsOf[type.getSymbol()?.getName() ?? ""] ?? []) {
      show(`${part} ${what}`, `${part}(${expression})`)
    }
  }
  const showProperties = (what: string, given: string, type: ts.Type): void => {
    for (const property of type.getProperties()) {
      const name = property.getName()
      const isOurs = property.declarations?.some((declaration) =>
        declaration.getSourceFile().fileName.includes("/@effect-redivis/")
      )
      if (isOurs && /^[a-z]\w*$/i.test(name)) show(`${what}.${name}`, `${given}.${name}`)
    }
  }
  for (const exported of checker.getExportsOfModule(symbol)) {
    const name = exported.getName()
    const found = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const isTypeAlone = exported.declarations?.some((declaration) => ts.isTypeOnlyExportDeclaration(declaration))
    if (found.flags & ts.SymbolFlags.NamespaceModule) continue
    if (found.flags & ts.SymbolFlags.Value && !isTypeAlone) {
      const value = `M.${name}`
      const type = checker.getTypeOfSymbol(found)
      show(name, value)
      showParts(name, value, type)
      const byHand = callsOf(module, name)
      for (const call of byHand ?? []) show(call, call)
      const signatures = byHand === undefined ? type.getCallSignatures() : []
      for (const [index, signature] of signatures.entries()) {
        const given = declare(parametersType(value, index, signatures.length))
        showParts(`${name}(…)`, show(`${name}(…)`, `${value}(...${given})`), signature.getReturnType())
      }
      const service = type.getProperty("Service")
      if (service !== undefined) {
        const what = `${name}["Service"]`
        showProperties(what, declare(`(typeof ${value})["Service"]`), checker.getTypeOfSymbol(service))
      }
    }
    if (found.flags & ts.SymbolFlags.Type) {
      const parameters = found.declarations?.flatMap((declaration) =>
        ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration) ||
          ts.isClassDeclaration(declaration)
          ? [...declaration.typeParameters ?? []]
          : []
      ) ?? []
      const wanted = parameters.filter((parameter) =>
        parameter.default === undefined
      ).map(() => "any")
      const given = declare(`M.${name}${wanted.length === 0 ? "" : `<${wanted.join(", ")}>`}`)
      showProperties(name, given, checker.getDeclaredTypeOfSymbol(found))
    }
  }
  return { module, text: `${lines.join("\n")}\n`, shows }
}

/**
 * Writes the project into a folder, with a program for each public module, and
 * gives them with what TypeScript 5.9 says of each. A program names one module
 * alone, since what others export would be found by names that it has not.
 */
export const makeConsumer = (folder: string): {
  readonly programs: ReadonlyArray<Program>
  readonly problemsOf: (program: Program) => ReadonlyArray<string>
} => {
  installPublished(folder, published)
  for (const name of ["effect", "@uwdata/flechette", "hyparquet-writer"]) link(name, folderOf("core"), folder)
  link("@effect/platform-node", folderOf("node"), folder)
  link("@types/node", root, folder)
  Fs.writeFileSync(Path.join(folder, "package.json"), JSON.stringify({ name: "consumer", type: "module" }))
  Fs.writeFileSync(Path.join(folder, "tsconfig.json"), JSON.stringify(configuration))
  const compile = makeCompiler(folder)
  const modules = published.flatMap((name) =>
    Object.keys(publicModules(name))
      .filter((path) => path !== "./package.json")
      .map((path) => `@effect-redivis/${name}${path.slice(1)}`)
  )
  const { file, program } = compile(modules.map((module) => `import ${JSON.stringify(module)}\n`).join(""))
  const checker = program.getTypeChecker()
  const programs = file.statements.filter(ts.isImportDeclaration).map(({ moduleSpecifier }, index) => {
    const symbol = checker.getSymbolAtLocation(moduleSpecifier)
    if (symbol === undefined) throw new Error(`${modules[index]} is not found`)
    return programOf(checker, symbol, modules[index]!) // as many as there are imports
  })
  for (const { module, text } of programs) {
    Fs.writeFileSync(Path.join(folder, `${module.replaceAll(/\W/g, "_")}.ts`), text)
  }
  return {
    programs,
    problemsOf: ({ module, shows, text }) => {
      const { file, program } = compile(text)
      // whether the calls fit is told by the other compiler, which is ten times as fast
      const found = program.getDeclarationDiagnostics(file)
      return [
        ...new Set(found.map(({ code, messageText, start }) => {
          const line = file.getLineAndCharacterOfPosition(start ?? 0).line + 1
          const what = shows.get(line) ?? `${module}: ${text.split("\n")[line - 1]}`
          return `${what}: TS${code}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`
        }))
      ]
    }
  }
}
