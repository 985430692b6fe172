// Backslash commands. All of them are ordinary queries over the system relations, so they say the same
// on a running engine's socket as in this process.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TableView } from './box.ts'
import { ReportedError, type ReplConnection } from './connection.ts'

export interface CommandContext {
  readonly connection: ReplConnection
  readonly print: (text: string) => void
  readonly show: (view: TableView) => void
  readonly isTimed: () => boolean
  readonly setTimed: (on: boolean) => void
  readonly quit: () => void
}

type Run = (argument: string, context: CommandContext, signal: AbortSignal) => Promise<void>

interface Command {
  readonly name: string
  readonly argument: string
  readonly summary: string
  readonly run: Run
}

const watchSecondsDefault = 2

const commands: readonly Command[] = [
  { name: '\\d', argument: '[NAME]', summary: 'list relations, or describe one', run: describe },
  { name: '\\dc', argument: '', summary: 'list coroutines', run: (_, context, signal) => query('select name, relation, state, starts, errors from sys.coroutines order by name', context, signal) },
  { name: '\\timing', argument: '', summary: 'show how long statements take, or stop it', run: timing },
  { name: '\\watch', argument: '[SECONDS]', summary: 'run the last query again and again', run: watch },
  { name: '\\follow', argument: 'RELATION', summary: 'show new rows as they come', run: follow },
  { name: '\\?', argument: '', summary: 'this list', run: help },
  { name: '\\q', argument: '', summary: 'leave', run: (_, context) => Promise.resolve(context.quit()) },
]

export const commandHelp: readonly string[] = commands.map(({ name, argument, summary }) => `  ${`${name} ${argument}`.padEnd(20)} ${summary}`)

/** What `\watch` repeats. */
let lastQuery = ''

/** Remembers a statement for `\watch`. */
export function rememberQuery(text: string): void {
  lastQuery = text
}

/** Errors: ReportedError for an unknown command and for whatever its query reports. */
export async function runCommand(line: string, context: CommandContext, signal: AbortSignal): Promise<void> {
  const [name = '', ...rest] = line.replace(/;\s*$/, '').split(/\s+/)
  const command = commands.find((one) => one.name === name)
  if (command === undefined) throw new ReportedError(`there is no command ${name}; \\? lists them`)
  await command.run(rest.join(' '), context, signal)
}

async function query(text: string, context: CommandContext, signal: AbortSignal): Promise<void> {
  for (const view of await context.connection.run(text, signal)) context.show(view)
}

async function describe(name: string, context: CommandContext, signal: AbortSignal): Promise<void> {
  if (name === '') {
    return query(`select name, kind, durable, rows from sys.relations where name not like 'sys.%' order by name`, context, signal)
  }
  const literal = `'${name.replaceAll("'", "''")}'`
  const views = await context.connection.run(
    `select name, type, not_null, default_value from sys.columns where relation = ${literal} order by position`, signal)
  if (views[0]?.rows.length === 0) throw new ReportedError(`there is no relation "${name}"; \\d lists them`)
  for (const view of views) context.show(view)
  const coroutines = await context.connection.run(
    `select name as coroutine, starts, errors from sys.coroutines where relation = ${literal} order by name`, signal)
  for (const view of coroutines.filter(({ rows }) => rows.length > 0)) context.show(view)
}

function timing(_: string, context: CommandContext): Promise<void> {
  context.setTimed(!context.isTimed())
  context.print(`Timing is ${context.isTimed() ? 'on' : 'off'}.`)
  return Promise.resolve()
}

async function watch(argument: string, context: CommandContext, signal: AbortSignal): Promise<void> {
  const seconds = argument === '' ? watchSecondsDefault : Number(argument)
  if (!(seconds > 0)) throw new ReportedError('\\watch takes a number of seconds')
  if (lastQuery === '') throw new ReportedError('there is no query to run again')
  while (!signal.aborted) {
    context.print(new Date().toISOString())
    await query(lastQuery, context, signal)
    await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined)
  }
}

async function follow(relation: string, context: CommandContext, signal: AbortSignal): Promise<void> {
  if (relation === '') throw new ReportedError('\\follow takes the name of an event relation')
  const stop = await context.connection.follow(relation, (rows) => { context.show(rows) })
  context.print(`following ${relation}; Ctrl-C ends it`)
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => { resolve() }, { once: true })
  })
  stop()
}

function help(_: string, context: CommandContext): Promise<void> {
  context.print(commandHelp.join('\n'))
  return Promise.resolve()
}
