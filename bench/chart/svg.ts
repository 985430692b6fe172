// Pieces of an SVG drawing as text: elements, scales, and the colours of light and dark pages.

/** A drawn piece and the height that it takes. Units: pixels. */
export interface Panel {
  readonly svg: string
  readonly height: number
}

type Attributes = Readonly<Record<string, string | number>>

export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escaped(value)}"`).join('')
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`
}

/** Text that starts at x, or ends or is centred there by its `anchor`. */
export function label(x: number, y: number, content: string, style: string, anchor: 'start' | 'middle' | 'end' = 'start'): string {
  return element('text', { x, y, class: style, ...(anchor === 'start' ? {} : { 'text-anchor': anchor }) }, escaped(content))
}

export function line(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return element('line', { x1, y1, x2, y2, class: style })
}

export function group(x: number, y: number, content: readonly string[]): string {
  return element('g', { transform: `translate(${short(x)} ${short(y)})` }, '\n' + content.join('\n') + '\n')
}

/** Where a value stands between the ends of a range in which equal factors are equally far apart. */
export interface LogScale {
  /** Values past the ends stand at them. */
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
  readonly contains: (value: number) => boolean
}

export function logScale(low: number, high: number, from: number, to: number, ticks: readonly number[]): LogScale {
  const share = (value: number): number => Math.log(value / low) / Math.log(high / low)
  return {
    at: (value) => from + Math.min(1, Math.max(0, share(value))) * (to - from),
    ticks: ticks.filter((tick) => tick >= low && tick <= high),
    contains: (value) => value >= low && value <= high,
  }
}

/** A number in two digits or three, as labels have room for. */
export function compact(value: number): string {
  if (value < 0.01) return value.toPrecision(1)
  return value.toFixed(value >= 9.95 ? 0 : value < 1 ? 2 : 1)
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

interface Colours {
  readonly page: string
  readonly ink: string
  readonly quiet: string
  readonly grid: string
  readonly faster: string
  readonly slower: string
  readonly fasterLight: string
  readonly slowerLight: string
  readonly nginx: string
  readonly uws: string
  readonly node: string
  readonly fastify: string
}

const light: Colours = {
  page: '#ffffff', ink: '#1f2328', quiet: '#59636e', grid: '#d8dee4', faster: '#0b7285', slower: '#d9480f',
  fasterLight: '#91c5ce', slowerLight: '#f3b79b',
  nginx: '#2b8a3e', uws: '#9c36b5', node: '#868e96', fastify: '#adb5bd',
}
const dark: Colours = {
  page: '#0d1117', ink: '#e6edf3', quiet: '#9198a1', grid: '#30363d', faster: '#3bc9db', slower: '#ff922b',
  fasterLight: '#1d6470', slowerLight: '#8a5420',
  nginx: '#69db7c', uws: '#da77f2', node: '#868e96', fastify: '#5c636a',
}

/** The page follows the reader's colour scheme. */
export function styleSheet(): string {
  const rules = ({ page, ink, quiet, grid, faster, slower, fasterLight, slowerLight, nginx, uws, node, fastify }: Colours): string => [
    `.page{fill:${page}}.ink{fill:${ink}}.quiet,.small,.tick{fill:${quiet}}.grid{stroke:${grid}}.one{stroke:${ink}}`,
    `.faster{fill:${faster}}.slower{fill:${slower}}.faster.light{fill:${fasterLight}}.slower.light{fill:${slowerLight}}`,
    `.cut{stroke:${page}}.rowtine{fill:${faster};stroke:${page}}`,
    `.nginx{fill:${nginx}}.uws{fill:${uws}}.node{fill:${node}}.fastify{fill:${fastify}}`,
  ].join('')
  return '\n' + [
    'text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:12px}',
    '.title{font-size:20px;font-weight:650}.heading{font-size:14px;font-weight:650}.small{font-size:11px}.tick,.value{font-size:10px}',
    '.grid{stroke-width:1}.one{stroke-width:1.25}.cut{stroke-width:3}.rowtine{stroke-width:1.5}',
    rules(light),
    `@media (prefers-color-scheme:dark){${rules(dark)}}`,
  ].join('\n') + '\n'
}
