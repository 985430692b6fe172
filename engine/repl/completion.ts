// What Tab offers: keywords, relations, and the columns of relations that the statement names.
import { keywords } from '#sql/keywords'
import { lex } from '#sql/lexer'
import type { ReplConnection } from './connection.ts'

const offersMax = 100

export class Completions {
  readonly #connection: ReplConnection
  #columns = new Map<string, string[]>()

  constructor(connection: ReplConnection) {
    this.#connection = connection
  }

  /** Learns the relations and columns that there are now; keeps what it knew when that fails. */
  async refresh(): Promise<void> {
    const { signal } = new AbortController()
    try {
      const [view] = await this.#connection.run('select relation, name from sys.columns order by relation, position', signal)
      const columns = new Map<string, string[]>()
      for (const [relation = '', name = ''] of view?.rows ?? []) {
        columns.set(relation, [...(columns.get(relation) ?? []), name])
      }
      this.#columns = columns
    } catch {
      // Completion is a convenience: an engine that is closing has none.
    }
  }

  /** readline's completer: the offers, and the part of the line that they replace. */
  complete(line: string, before: string): [string[], string] {
    const word = /[\w.\\]*$/.exec(line)?.[0] ?? ''
    if (word.startsWith('\\')) return [['\\d', '\\dc', '\\timing', '\\watch', '\\follow', '\\?', '\\q'].filter((name) => name.startsWith(word)), word]
    const candidates = [...this.#names(`${before}\n${line}`), ...this.#columns.keys(), ...this.#keywords(word)]
    const offers = [...new Set(candidates)].filter((name) => name.toLowerCase().startsWith(word.toLowerCase()) && word !== '')
    return [offers.slice(0, offersMax), word]
  }

  /** Columns of the relations that the text mentions; all of them when it mentions none. */
  #names(text: string): string[] {
    const words = new Set(lex(text).map(({ start, end }) => text.slice(start, end).toLowerCase()))
    const mentioned = [...this.#columns].filter(([relation]) => words.has(relation) || words.has(relation.split('.').at(-1) ?? ''))
    return (mentioned.length > 0 ? mentioned : [...this.#columns]).flatMap(([, columns]) => columns)
  }

  #keywords(word: string): string[] {
    const isUpper = word !== '' && word === word.toUpperCase()
    return [...keywords.keys()].map((keyword) => (isUpper ? keyword.toUpperCase() : keyword))
  }
}
