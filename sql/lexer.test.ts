// Tokens by kind and value, and that lexing covers any text without failing.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lex } from './lexer.ts'

const brief = (text: string): string[] =>
  lex(text)
    .filter(({ kind }) => kind !== 'end')
    .map(({ kind, value }) => `${kind} ${value}`)

const cases = [
  {
    name: 'folds names and keywords',
    text: 'SELECT Foo "Foo"',
    tokens: ['keyword select', 'identifier foo', 'identifier Foo'],
  },
  { name: 'folds only ASCII', text: 'ÄRGER', tokens: ['identifier Ärger'] },
  { name: 'unquotes', text: `'it''s' "a""b"`, tokens: ["string it's", 'identifier a"b'] },
  { name: 'joins strings over lines', text: "'a'\n  'b'", tokens: ['string ab'] },
  { name: 'does not join strings on a line', text: "'a' 'b'", tokens: ['string a', 'string b'] },
  {
    name: 'decodes escapes',
    text: String.raw`E'\n\x41\u0042\\' U&'\0043'`,
    tokens: ['string \nAB\\', 'string C'],
  },
  {
    name: 'keeps backslashes in plain strings',
    text: String.raw`'\n'`,
    tokens: [String.raw`string \n`],
  },
  {
    name: 'reads dollar quotes',
    text: "$$it's$$ $a$ $$ $a$",
    tokens: ["string it's", 'string  $$ '],
  },
  {
    name: 'reads numbers',
    text: '1 1.5 .5 1e-3 1_000 0xFF',
    tokens: ['number 1', 'number 1.5', 'number .5', 'number 1e-3', 'number 1000', 'number 255'],
  },
  { name: 'keeps ranges apart', text: '1..2', tokens: ['number 1', 'punctuation ..', 'number 2'] },
  {
    name: 'refuses junk after numbers',
    text: '1a',
    tokens: ['error trailing junk after numeric literal at or near "1a"'],
  },
  { name: 'reads parameters', text: '$12', tokens: ['parameter 12'] },
  {
    name: 'ends operators before signs',
    text: 'a=-1',
    tokens: ['identifier a', 'operator =', 'operator -', 'number 1'],
  },
  { name: 'lets JSON operators end in signs', text: '@-', tokens: ['operator @-'] },
  {
    name: 'makes <> of !=',
    text: 'a != b',
    tokens: ['identifier a', 'operator <>', 'identifier b'],
  },
  {
    name: 'ends operators before comments',
    text: 'a*--b',
    tokens: ['identifier a', 'operator *', 'comment --b'],
  },
  {
    name: 'reads pipes, casts and assignments',
    text: '|> :: := => ->>',
    tokens: ['operator |>', 'punctuation ::', 'punctuation :=', 'punctuation =>', 'operator ->>'],
  },
  {
    name: 'nests comments',
    text: '/* a /* b */ c */ d',
    tokens: ['comment /* a /* b */ c */', 'identifier d'],
  },
  {
    name: 'goes on after an error',
    text: '\\ a',
    tokens: ['error syntax error at or near "\\"', 'identifier a'],
  },
  {
    name: 'reports what is open at the end',
    text: "'a",
    tokens: ['error unterminated quoted string'],
  },
]

describe('lex', () => {
  it.each(cases)('$name', ({ text, tokens }) => {
    expect(brief(text)).toEqual(tokens)
  })

  it('marks text that merely ends too early', () => {
    const open = ["'a", '"a', '$$a', '/* a', "e'\\'"]
    expect(open.map((text) => lex(text).some((token) => token.incomplete))).toEqual(
      open.map(() => true),
    )
  })

  it('covers any text, in order, leaving out only blanks', () => {
    const characters = fc.constantFrom(...`ab1'"$./*-+|>:=()é😀 \n\t\\eEuU&xX_`)
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 30 }), (list) => {
        const text = list.join('')
        let position = 0
        for (const { start, end } of lex(text)) {
          expect(text.slice(position, start).trim()).toBe('')
          expect(end).toBeGreaterThanOrEqual(start)
          position = end
        }
        expect(position).toBe(text.length)
      }),
      { numRuns: 1000 },
    )
  })
})
