// Positions and carets: tabs, wide characters, several lines, long lines, the end of the text.
import { describe, expect, it } from 'vitest'
import { positionAt, renderSpan } from './source.ts'

describe('positionAt', () => {
  const cases = [
    { name: 'starts at 1:1', text: 'abc', offset: 0, line: 1, column: 1 },
    { name: 'counts lines', text: 'a\nb\nc', offset: 4, line: 3, column: 1 },
    { name: 'stays on its line at the line break', text: 'ab\nc', offset: 2, line: 1, column: 3 },
    { name: 'counts characters, not code units', text: '😀x', offset: 2, line: 1, column: 2 },
    { name: 'takes what is past the end as the end', text: 'ab', offset: 9, line: 1, column: 3 },
  ]
  it.each(cases)('$name', ({ text, offset, line, column }) => {
    expect(positionAt(text, offset)).toEqual({ line, column })
  })
})

describe('renderSpan', () => {
  const cases = [
    {
      name: 'marks a word',
      text: 'select sue',
      start: 7,
      end: 10,
      drawing: '1 | select sue\n  |        ^^^',
    },
    { name: 'keeps tabs', text: '\tsue', start: 1, end: 4, drawing: '1 | \tsue\n  | \t^^^' },
    {
      name: 'gives wide characters two cells',
      text: '漢字 x',
      start: 1,
      end: 2,
      drawing: '1 | 漢字 x\n  |   ^^',
    },
    {
      name: 'gives combining marks none',
      text: 'e\u0301 x',
      start: 3,
      end: 4,
      drawing: '1 | e\u0301 x\n  |   ^',
    },
    {
      name: 'marks the first of several lines',
      text: 'ab\ncd',
      start: 1,
      end: 4,
      drawing: '1 | ab\n  |  ^',
    },
    { name: 'marks the end', text: 'ab', start: 2, end: 2, drawing: '1 | ab\n  |   ^' },
    { name: 'shows an empty text', text: '', start: 0, end: 0, drawing: '1 | \n  | ^' },
    {
      name: 'leaves a carriage return out',
      text: 'ab\r\nc',
      start: 0,
      end: 1,
      drawing: '1 | ab\n  | ^',
    },
  ]
  it.each(cases)('$name', ({ text, start, end, drawing }) => {
    const [, ...lines] = renderSpan({ name: 'query', text }, { start, end }).split('\n')
    expect(lines.join('\n')).toBe(drawing)
  })

  it('shows a piece of a long line', () => {
    const text = 'x'.repeat(1000) + ' sue ' + 'y'.repeat(1000)
    const [place, line, carets] = renderSpan({ name: 'q', text }, { start: 1001, end: 1004 }).split(
      '\n',
    )
    expect(place).toBe(' --> q:1:1002')
    expect(line?.length).toBeLessThan(180)
    expect(line?.slice(carets?.indexOf('^'), (carets?.lastIndexOf('^') ?? 0) + 1)).toBe('sue')
  })
})
