// Draws bench/results into docs/figures.svg, which the README shows: how Rowtine stands beside DuckDB query by
// query, slower ones too, and what a request costs beside other servers. `npm run bench -- chart` draws it anew.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { geometricMean, projectRoot } from './harness.ts'
import { ratioPanel, type Bar } from './chart/ratio-panel.ts'
import { barRows, dotRows, type RowDots } from './chart/row-panels.ts'
import { element, group, label, styleSheet, type Panel } from './chart/svg.ts'

interface Recorded {
  readonly title: string
  readonly at: string
  readonly machine: { readonly cpu: string; readonly cores: number }
  readonly rows: readonly Readonly<Record<string, string | number>>[]
}

/** What the drawing is made from: results by the names of their files. */
export type Results = Readonly<Record<'joins' | 'tpch' | 'h2o' | 'http', Recorded | undefined>>

const width = 960
const margin = 28
const inner = width - 2 * margin
const threads = 2
const h2oModes = ['agg', 'result']

export const chartPath = join(projectRoot(), 'docs', 'figures.svg')

/** Draws what is recorded. Returns: where it is. */
export function drawChart(): string {
  writeFileSync(chartPath, chartOf(recordedResults()))
  return chartPath
}

export function recordedResults(): Results {
  return { joins: recorded('joins'), tpch: recorded('tpch'), h2o: recorded('h2o'), http: recorded('http') }
}

function recorded(name: string): Recorded | undefined {
  const path = join(projectRoot(), 'bench', 'results', `${name}.json`)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Recorded) : undefined
}

/** The drawing as SVG; a result that is not recorded is left out. */
export function chartOf({ joins, tpch, h2o, http }: Results): string {
  const half = (inner - 44) / 2
  const rows: readonly (readonly (readonly [number, Panel])[])[] = [
    tpch === undefined ? [] : [[0, tpchPanel(tpch)]],
    h2o === undefined ? [] : [[0, h2oPanel(h2o)]],
    [...(joins === undefined ? [] : [[0, joinsPanel(joins, half)] as const]), ...(http === undefined ? [] : [[half + 44, httpPanel(http, half)] as const])],
  ]
  const drawn = [label(0, 18, 'Rowtine, beside DuckDB and beside web servers', 'ink title'), label(0, 40, explanation, 'small')]
  let y = 70
  for (const panels of rows) {
    for (const [x, { svg }] of panels) drawn.push(group(x, y, [svg]))
    if (panels.length > 0) y += Math.max(...panels.map(([, { height }]) => height)) + 34
  }
  drawn.push(label(0, y, origin([joins, tpch, h2o, http].filter((result) => result !== undefined)), 'small'))
  const height = y + 2 * margin
  return element('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${String(width)} ${String(Math.ceil(height))}`, width, height: Math.ceil(height), role: 'img' }, '\n' + [
    element('title', {}, 'Rowtine’s speed beside DuckDB’s for TPC-H, H2O.ai’s benchmark and joins, and the cost of HTTP requests beside other servers'),
    element('style', {}, styleSheet()),
    element('rect', { width, height: Math.ceil(height), rx: 10, class: 'page' }),
    group(margin, margin, drawn),
  ].join('\n') + '\n') + '\n'
}

const explanation = 'Bars start at 1×, where both take equally long; below or left of it Rowtine is slower. Logarithmic axes; two threads, same answers.'

/** What the figures were taken on, and where they are. */
function origin(results: readonly Recorded[]): string {
  const newest = results.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0]
  if (newest === undefined) return ''
  const { cores, cpu } = newest.machine
  return `${String(cores)} cores of a shared ${cpu}, last measured on ${newest.at.slice(0, 10)}; each file in bench/results has its command, commit and load.`
}

const ratioOf = (row: Recorded['rows'][number] | undefined): number | undefined => (typeof row?.['ratio'] === 'number' ? row['ratio'] : undefined)

function captionOf({ title, rows }: Recorded, keep: (row: Recorded['rows'][number]) => boolean = () => true): string {
  const ratios = rows.filter((row) => row['threads'] === threads && keep(row)).map(ratioOf).filter((ratio) => ratio !== undefined)
  return `${title}; geometric mean ${geometricMean(ratios).toFixed(2)}×`
}

function tpchPanel(tpch: Recorded): Panel {
  const bars = tpch.rows.filter((row) => row['threads'] === threads).map((row): Bar => ({ name: String(row['query']), ratios: [ratioOf(row)] }))
  return ratioPanel({ heading: 'TPC-H: times as fast as DuckDB', caption: captionOf(tpch), groups: [{ bars }], width: inner })
}

function h2oPanel(h2o: Recorded): Panel {
  const rows = h2o.rows.filter((row) => row['threads'] === threads)
  const barsOf = (family: string, count: number): Bar[] => Array.from({ length: count }, (_, i) => ({
    name: `q${String(i + 1)}`,
    ratios: h2oModes.map((mode) => ratioOf(rows.find((row) => row['query'] === `${family} q${String(i + 1)}` && row['mode'] === mode))),
  }))
  const isComplete = rows.length === 15 * h2oModes.length
  const means = h2oModes.map((mode) => captionOf({ ...h2o, title: mode }, (row) => row['mode'] === mode).replace('; geometric mean', ''))
  return ratioPanel({
    heading: 'H2O.ai’s group-bys and joins: times as fast as DuckDB', caption: `${h2o.title}; geometric means: ${means.join(', ')}${isComplete ? '' : '; –: not measured'}`,
    groups: [{ name: 'group by', bars: barsOf('group', 10) }, { name: 'join', bars: barsOf('join', 5) }],
    modes: ['agg: summed up inside', 'result: all its rows'], width: inner,
  })
}

function joinsPanel(joins: Recorded, panelWidth: number): Panel {
  const rows = joins.rows.filter((row) => row['threads'] === threads).map((row) => ({ name: `${String(row['join'])}, ${powerOfTen(Number(row['build']))}`, ratio: ratioOf(row) ?? NaN }))
  return barRows(rows, { heading: 'Joins: times as fast as DuckDB', caption: captionOf(joins), width: panelWidth })
}

function httpPanel({ rows }: Recorded, panelWidth: number): Panel {
  const workloads = [...new Set(rows.map((row) => String(row['workload'])))]
  const dots = workloads.map((name): RowDots => ({
    name, micros: new Map(rows.filter((row) => row['workload'] === name).map((row) => [String(row['server']), Number(row['cpu us'])])),
  }))
  return dotRows(dots, { heading: 'HTTP: processor time of the server per request', caption: 'Left is cheaper; one core serves, the other one asks', width: panelWidth })
}

/** 1000000 is 10⁶; others are written out. */
function powerOfTen(count: number): string {
  const power = Math.log10(count)
  return Number.isInteger(power) ? `10${[...String(power)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '').join('')}` : count.toLocaleString('en')
}
