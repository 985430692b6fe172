// Bars from the line of 1×: upwards where Rowtine is faster than DuckDB, downwards where it is slower.
// Factors are drawn on a logarithmic axis, so that twice as fast and half as fast look equally far.
import { compact, element, group, label, line, logScale, type LogScale, type Panel } from './svg.ts'

export interface Bar {
  readonly name: string
  /** Ratios side by side under one name; undefined: not measured, drawn as a dash. */
  readonly ratios: readonly (number | undefined)[]
}

export interface BarGroup {
  readonly name?: string
  readonly bars: readonly Bar[]
}

export interface RatioPanel {
  readonly heading: string
  readonly caption: string
  readonly groups: readonly BarGroup[]
  /** What the bars under one name are, where there are several. */
  readonly modes?: readonly string[]
  readonly width: number
}

/** Bars outside are cut at the edge; their labels say what they are. */
const [least, most] = [1 / 8, 32]
const ticks = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32]
const plot = { top: 58, height: 150, left: 38 }
const groupGap = 22

export function ratioPanel({ heading, caption, groups, modes = [], width }: RatioPanel): Panel {
  const ratios = groups.flatMap(({ bars }) => bars.flatMap((bar) => bar.ratios)).filter((ratio) => ratio !== undefined)
  const scale = logScale(lowest(ratios), highest(ratios), plot.top + plot.height, plot.top, ticks)
  const count = groups.reduce((sum, { bars }) => sum + bars.length, 0)
  const slot = (width - plot.left - groupGap * (groups.length - 1)) / count
  const drawn = [label(0, 14, heading, 'ink heading'), label(0, 32, caption, 'small'), ...legend(modes, width), ...axis(scale, width)]
  let x = plot.left
  for (const { name, bars } of groups) {
    if (name !== undefined) drawn.push(label(x + (slot * bars.length) / 2, plot.top + plot.height + 34, name, 'small', 'middle'))
    for (const bar of bars) {
      drawn.push(...barsOf(bar, x, slot, scale))
      x += slot
    }
    x += groupGap
  }
  drawn.push(line(plot.left, scale.at(1), width, scale.at(1), 'one'))
  return { svg: group(0, 0, drawn), height: plot.top + plot.height + (groups.some(({ name }) => name !== undefined) ? 44 : 26) }
}

/** The tick below all bars with room for its label; at least a half is shown, so that the line of 1× is no floor. */
function lowest(ratios: readonly number[]): number {
  const below = Math.min(0.5, ...ratios) / 1.4
  return ticks.findLast((tick) => tick <= below) ?? least
}

function highest(ratios: readonly number[]): number {
  const above = Math.max(2, ...ratios) * 1.2
  return ticks.find((tick) => tick >= above) ?? most
}

function axis(scale: LogScale, width: number): string[] {
  return scale.ticks.flatMap((tick) => [
    ...(tick === 1 ? [] : [line(plot.left, scale.at(tick), width, scale.at(tick), 'grid')]),
    label(plot.left - 6, scale.at(tick) + 3.5, tick < 1 ? `1/${String(1 / tick)}×` : `${String(tick)}×`, tick === 1 ? 'ink value' : 'tick', 'end'),
  ])
}

function legend(modes: readonly string[], width: number): string[] {
  return modes.flatMap((mode, i) => {
    const x = width - (modes.length - i) * 165
    return [element('rect', { x, y: 5, width: 10, height: 10, rx: 2, class: i === 0 ? 'faster' : 'faster light' }), label(x + 16, 14, mode, 'small')]
  })
}

function barsOf({ name, ratios }: Bar, x: number, slot: number, scale: LogScale): string[] {
  const wide = Math.min(22, (slot * 0.74) / ratios.length)
  const left = x + (slot - wide * ratios.length) / 2
  return [
    label(x + slot / 2, plot.top + plot.height + 16, name, 'small', 'middle'),
    ...ratios.flatMap((ratio, i) => (ratio === undefined ? [label(left + (i + 0.5) * wide, scale.at(1) - 5, '–', 'small', 'middle')] : barOf(ratio, left + i * wide, wide, i, scale))),
  ]
}

function barOf(ratio: number, x: number, width: number, mode: number, scale: LogScale): string[] {
  const [one, end] = [scale.at(1), scale.at(ratio)]
  const style = `${ratio < 1 ? 'slower' : 'faster'}${mode === 0 ? '' : ' light'}`
  const bar = element('rect', { x: x + 0.5, y: Math.min(one, end), width: width - 1, height: Math.max(1, Math.abs(end - one)), class: style })
  if (!scale.contains(ratio)) {
    // Cut at the edge of the panel: a gap says so, and its figure stands where there is room.
    const [gap, y] = ratio < 1 ? [end - 10, one - 5] : [end + 10, one + 12]
    return [bar, line(x - 2, gap + 4, x + width + 2, gap - 4, 'cut'), label(x + width / 2, y, compact(ratio), 'ink value', 'middle')]
  }
  return [bar, label(x + width / 2, ratio < 1 ? end + 11 : end - 4, compact(ratio), 'ink value', 'middle')]
}
