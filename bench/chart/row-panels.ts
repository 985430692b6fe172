// Panels with a line per case and its name at the left: joins as bars from 1×, requests as dots on an axis of
// microseconds.
import { compact, element, group, label, line, logScale, type Panel } from './svg.ts'

export interface RowBar {
  readonly name: string
  readonly ratio: number
}

export interface RowPanel {
  readonly heading: string
  readonly caption: string
  readonly width: number
}

const rowHeight = 21
const top = 52

export function barRows(rows: readonly RowBar[], { heading, caption, width }: RowPanel): Panel {
  const left = 118
  const low = Math.min(0.5, ...rows.map(({ ratio }) => ratio / 1.5))
  const high = Math.max(4, ...rows.map(({ ratio }) => ratio * 1.3))
  const scale = logScale(low, high, left, width, [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32])
  const bottom = top + rows.length * rowHeight
  const drawn = [
    label(0, 14, heading, 'ink heading'), label(0, 32, caption, 'small'),
    ...scale.ticks.flatMap((tick) => [
      line(scale.at(tick), top, scale.at(tick), bottom, tick === 1 ? 'one' : 'grid'),
      label(scale.at(tick), bottom + 14, tick < 1 ? `1/${String(1 / tick)}×` : `${String(tick)}×`, tick === 1 ? 'ink value' : 'tick', 'middle'),
    ]),
    ...rows.flatMap(({ name, ratio }, i) => {
      const [y, one, end] = [top + i * rowHeight, scale.at(1), scale.at(ratio)]
      return [
        label(left - 8, y + 14, name, 'small', 'end'),
        element('rect', { x: Math.min(one, end), y: y + 3, width: Math.max(1, Math.abs(end - one)), height: rowHeight - 6, class: ratio < 1 ? 'slower' : 'faster' }),
        label(ratio < 1 ? end - 4 : end + 4, y + 14, compact(ratio), 'ink value', ratio < 1 ? 'end' : 'start'),
      ]
    }),
  ]
  return { svg: group(0, 0, drawn), height: bottom + 20 }
}

export interface RowDots {
  readonly name: string
  /** Units: microseconds, by server. */
  readonly micros: ReadonlyMap<string, number>
}

/** Rowtine last: it is drawn over the others. */
const servers: readonly (readonly [string, string])[] = [
  ['Fastify', 'fastify'], ['node:http', 'node'], ['uWebSockets.js', 'uws'], ['nginx', 'nginx'], ['rowtine', 'rowtine'],
]

export function dotRows(rows: readonly RowDots[], { heading, caption, width }: RowPanel): Panel {
  const left = 132
  const height = 38
  const all = rows.flatMap(({ micros }) => [...micros.values()])
  const scale = logScale(Math.min(...all) / 1.3, Math.max(...all) * 1.3, left, width, [1, 2, 5, 10, 20, 50, 100, 200, 500])
  const first = top + 18
  const bottom = first + rows.length * height
  const drawn = [
    label(0, 14, heading, 'ink heading'), label(0, 32, caption, 'small'), ...key(),
    ...scale.ticks.flatMap((tick) => [
      line(scale.at(tick), first, scale.at(tick), bottom, 'grid'), label(scale.at(tick), bottom + 14, `${String(tick)} µs`, 'tick', 'middle'),
    ]),
    ...rows.flatMap(({ name, micros }, i) => {
      const y = first + i * height + height / 2
      return [label(left - 10, y + 4, name, 'small', 'end'), line(left, y, width, y, 'grid'), ...dots(micros, y, scale.at)]
    }),
  ]
  return { svg: group(0, 0, drawn), height: bottom + 20 }
}

function dots(micros: ReadonlyMap<string, number>, y: number, at: (value: number) => number): string[] {
  return servers.flatMap(([server, style]) => {
    const value = micros.get(server)
    if (value === undefined) return []
    const isOurs = server === 'rowtine'
    return [
      element('circle', { cx: at(value), cy: y, r: isOurs ? 6.5 : 5, class: style }),
      ...(isOurs ? [label(at(value), y - 10, compact(value), 'ink value', 'middle')] : []),
    ]
  })
}

function key(): string[] {
  let x = 4
  return servers.toReversed().flatMap(([server, style]) => {
    const drawn = [element('circle', { cx: x + 1, cy: 46, r: 4.5, class: style }), label(x + 10, 50, server === 'rowtine' ? 'Rowtine' : server, 'small')]
    x += 28 + server.length * 6.3
    return drawn
  })
}
