// What is found out about CSV files: delimiter, header, names and types.
import { expect, it } from 'vitest'
import { sniffCsv } from './csv-format.ts'

const kinds = (text: string, given = {}): string => {
  const { format, header, columns } = sniffCsv(text, given, true)
  return `${format.delimiter} ${String(header)} ${columns.map(({ name, type }) => `${name}:${type.kind}`).join(' ')}`
}

it.each([
  ['words above numbers are names', 'a,b\n1,2.5\n', ', true a:bigint b:double'],
  ['numbers alone are rows', '1,2\n3,4\n', ', false column0:bigint column1:bigint'],
  ['where all is text, the first line names the columns', 'a,b\nx,y\n', ', true a:text b:text'],
  ['a line of words alone is a header', 'a,b\n', ', true a:text b:text'],
  ['a line of numbers alone is a row', '1,2\n', ', false column0:bigint column1:bigint'],
  ['the delimiter that cuts all lines alike', 'a|b,c|d\n1|x,y|2\n3|z|4\n', '| true a:bigint b,c:text d:bigint'],
  ['a semicolon', 'a;b\n1,5;2\n', '; true a:text b:bigint'],
  ['quotes hide delimiters and line feeds', 'a,b\n"1\n,2",3\n', ', true a:text b:bigint'],
  ['types widen', 'a,b,c\n1,2024-01-01,1\n2.5,2024-01-01 10:00,x\n', ', true a:double b:timestamp c:text'],
  ['nulls say nothing', 'a,b\n,\n7,\n', ', true a:bigint b:text'],
  ['booleans, times and zones', 'a,b,c\ntrue,10:20,2024-01-01 10:00+02\n', ', true a:boolean b:time c:timestamptz'],
  ['no date is text', 'a\n2024-13-01\n', ', true a:text'],
  ['names are made to differ', 'a,a,\n1,2,3\n', ', true a:bigint a_1:bigint column2:bigint'],
  ['carriage returns are no values', 'a,b\r\n1,2\r\n', ', true a:bigint b:bigint'],
  ['a byte order mark is no name', '\ufeffa,b\n1,2\n', ', true a:bigint b:bigint'],
  ['19 digits may be too many', 'a\n1234567890123456789\n', ', true a:double'],
])('%s', (_, text, expected) => {
  expect(kinds(text)).toBe(expected)
})

it('believes what it is told', () => {
  expect(kinds('a,b\nx,y\n', { header: false })).toBe(', false column0:text column1:text')
  expect(kinds('1,2\n3,4\n', { header: true })).toBe(', true 1:bigint 2:bigint')
  expect(kinds('a;b,c\n1;2,3\n', { delimiter: ',' })).toBe(', true a;b:text c:bigint')
  expect(kinds('a,b\nNA,2\n3,4\n', { nullText: 'NA' })).toBe(', true a:bigint b:bigint')
})

it('leaves out a line that may have been cut', () => {
  const { columns } = sniffCsv('a,b\n1,2\n3,x', {}, false)
  expect(columns.map(({ type }) => type.kind)).toEqual(['bigint', 'bigint'])
})
