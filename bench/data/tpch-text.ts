// The text that all comments of TPC-H are cut from: sentences by a small grammar, 300 MiB of them.
import { Stream } from './tpch-random.ts'
import {
  adjectives, adverbs, articles, auxiliaries, nounPhrases, nouns, prepositions, sentences, terminators, verbPhrases, verbs, type Distribution,
} from './tpch-words.ts'

/** What the published data's comments are cut from. */
export const textPoolBytes = 300 * 1024 * 1024

/** No sentence is longer. */
const sentenceBytesMax = 512

interface Words {
  readonly table: readonly Uint8Array[]
}

function wordsOf({ table }: Distribution, after = ' '): Words {
  const bytes = new Map(table.map((word) => [word, new TextEncoder().encode(word + after)]))
  return { table: table.map((word) => bytes.get(word) ?? new Uint8Array(0)) }
}

const words: Readonly<Record<string, Words>> = { A: wordsOf(articles), J: wordsOf(adjectives), D: wordsOf(adverbs), N: wordsOf(nouns) }
const verbWords: Readonly<Record<string, Words>> = { D: wordsOf(adverbs), V: wordsOf(verbs), X: wordsOf(auxiliaries) }
const prepositionWords = wordsOf(prepositions, ' the ')
const ends = wordsOf(terminators)

const space = 32
const comma = 44

/** `size` bytes of sentences. Units: bytes; smaller pools are for tests, their comments are not the published ones. */
export function textPool(size = textPoolBytes): Uint8Array {
  const bytes = new Uint8Array(size + sentenceBytesMax)
  const random = new Stream(933588178, 1)
  let end = 0
  const take = <T>(table: readonly T[]): T => {
    const value = table[random.between(0, table.length - 1)]
    if (value === undefined) throw new RangeError('a distribution has words')
    return value
  }
  const put = (word: Uint8Array): void => {
    for (let i = 0; i < word.length; i++) bytes[end + i] = word[i] ?? 0
    end += word.length
  }
  const phrase = (syntax: string, of: Readonly<Record<string, Words>>): void => {
    for (const token of syntax) {
      if (token === ',') {
        bytes[end - 1] = comma
        bytes[end++] = space
      } else if (token !== ' ') {
        put(take((of[token] ?? ends).table))
      }
    }
  }
  const sentence = (syntax: string): void => {
    for (const token of syntax) {
      switch (token) {
        case 'V': phrase(take(verbPhrases.table), verbWords); break
        case 'N': phrase(take(nounPhrases.table), words); break
        case 'P':
          put(take(prepositionWords.table))
          phrase(take(nounPhrases.table), words)
          break
        case 'T':
          end -= 1
          put(take(ends.table))
          break
      }
    }
  }
  while (end < size) sentence(take(sentences.table))
  return bytes.subarray(0, size)
}
