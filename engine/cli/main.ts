// The command line: each command is a file of its own, loaded when it is called.
import { Command, InvalidArgumentError, Option } from 'commander'
import { parseSize } from '../memory-limit.ts'
import type { QueryOptions } from './query.ts'
import type { ReplOptions } from './repl.ts'
import type { ServeOptions } from './serve.ts'

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > 64) throw new InvalidArgumentError('a whole number from 1 to 64')
  return number
}

function size(text: string): number {
  const bytes = parseSize(text)
  if (bytes === undefined) throw new InvalidArgumentError('a size: 4GiB, 512MB')
  return bytes
}

/** What serve, repl and query have alike. */
const memoryLimit = () => new Option('--memory-limit <size>', 'what a statement, and a table, may take (default: half of the memory)').argParser(size)

const program = new Command('rowtine')
  .description('A relational dataflow engine in which coroutines are queries.')
  .showHelpAfterError()

program
  .command('serve')
  .description('run an application and serve it')
  .argument('<app.sql>', 'the application')
  .option('--data <dir>', 'keep its tables in this directory')
  .option('--workers <n>', 'worker threads (default: cores minus one)', wholeNumber)
  .option('--threads <n>', 'threads for long queries (default: one per core)', wholeNumber)
  .addOption(memoryLimit())
  .addOption(new Option('--reactor <kind>', 'how sockets are served').choices(['uring', 'uv']))
  .addOption(new Option('--topology <kind>', 'shared: every worker has sockets (default); split_io: one thread receives, one sends, one computes').choices(['shared', 'split_io']))
  .option('--allow-files <dir>', 'let statements read and write files in this folder (default: none)')
  .option('--repl', 'open the REPL on the running engine when this is a terminal')
  .action(async (file: string, options: ServeOptions) => {
    process.exitCode = await (await import('./serve.ts')).serve(file, options)
  })

program
  .command('repl')
  .description('explore tables interactively')
  .option('--data <dir>', 'the data directory (default: in memory)')
  .option('--connect <socket>', 'a running engine’s socket: DIR/rowtine.sock')
  .addOption(memoryLimit())
  .action(async (options: ReplOptions) => {
    process.exitCode = await (await import('./repl.ts')).repl(options)
  })

program
  .command('query')
  .description('run SQL and print the result')
  .option('-c, --command <sql>', 'the SQL')
  .option('-f, --file <file>', 'a file of SQL')
  .option('--data <dir>', 'the data directory (default: in memory)')
  .addOption(new Option('--format <format>', 'how rows are printed').choices(['box', 'csv', 'json', 'jsonl', 'arrow']).default('box'))
  .addOption(memoryLimit())
  .action(async (options: QueryOptions) => {
    process.exitCode = await (await import('./query.ts')).query(options)
  })

program
  .command('check')
  .description('check an application without running it')
  .argument('<app.sql>')
  .action(async (file: string) => {
    process.exitCode = await (await import('./check.ts')).check(file)
  })

program
  .command('slt')
  .description('run sqllogictest files')
  .argument('<path...>', 'files or folders')
  .action(async (paths: string[]) => {
    process.exitCode = await (await import('./slt.ts')).slt(paths)
  })

await program.parseAsync()
