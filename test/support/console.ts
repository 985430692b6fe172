// What documents show of a session with a server is run again: `$ curl …` commands with their output,
// without needing curl.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One `$ command` with what it printed. */
export interface ConsoleCommand {
  readonly command: string
  readonly output: string
}

export function commandsOf(text: string): readonly ConsoleCommand[] {
  return text.split(/^\$ /m).slice(1).map((part) => {
    const [command = '', ...output] = part.trimEnd().split('\n')
    return { command, output: output.join('\n') }
  })
}

/** Does what `curl` would, in the forms that documents use. Returns: what curl would print. */
export async function curl(command: string, url: string): Promise<string> {
  const match = /^curl (-w ' %\{http_code\}' )?(?:-d '([^']*)' )?'?localhost:8080(\/[^\s']*)?'?$/.exec(command)
  if (match === null) throw new Error(`documents may not use: ${command}`)
  const [, status, body, path = '/'] = match
  const headers = { 'content-type': 'application/x-www-form-urlencoded' } // as curl says of -d
  const response = await fetch(url + path, { redirect: 'manual', ...(body === undefined ? {} : { method: 'POST', body, headers }) })
  return (await response.text()) + (status === undefined ? '' : ` ${String(response.status)}`)
}

/** Runs the commands of `text` one after the other. Returns: `text` as the server makes it. */
export async function replay(text: string, url: string): Promise<string> {
  let transcript = ''
  for (const { command } of commandsOf(text)) transcript += `$ ${command}\n${(await curl(command, url)).trimEnd()}`.trimEnd() + '\n'
  return transcript
}

/** The session that an example promises. */
export function expectedOf(example: string): string {
  return readFileSync(join('examples', example, 'expected.txt'), 'utf8')
}
