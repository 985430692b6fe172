// Windows the plain way: every row's frame is found by looking at all rows of its partition.
import type { FrameDeclaration, State, WindowCallDeclaration } from '#planner/program'
import { fold, type Row, type Value } from './interpret-kernels.ts'

type WindowState = Extract<State, { kind: 'Window' }>

/** A row as the sink gets it. */
export interface WindowRow {
  readonly payload: Row
  readonly inputs: Row
}

interface Place {
  readonly frames: readonly { start: number; end: number; key: number }[]
  readonly calls: readonly { first: number; filter: number }[]
}

/** Results of all rows, followed by their payload. A row is given as its payload and its inputs. */
export function computeWindow(state: WindowState, given: readonly (readonly Row[])[]): Row[] {
  const rows = given.map(([payload = [], inputs = []]): WindowRow => ({ payload, inputs }))
  const place = placeOf(state)
  const partitions = new Map<string, WindowRow[]>()
  for (const row of rows) {
    const key = keyOf(row, 0, state.partition.length)
    partitions.set(key, [...(partitions.get(key) ?? []), row])
  }
  return [...partitions.values()].flatMap((members) => {
    const partition = new Partition(state, place, members)
    return members.map((row, index) => [
      ...state.calls.map((call, at) => partition.result(call, at, index)),
      ...row.payload,
    ])
  })
}

function placeOf({ partition, order, frames, calls }: WindowState): Place {
  let next = partition.length + order.length
  const take = (isThere: boolean): number => (isThere ? next++ : -1)
  const isBound = (bound: string): boolean => bound === 'Preceding' || bound === 'Following'
  return {
    frames: frames.map(({ mode, start, end }) => {
      const hasKey = mode === 'Range' && (isBound(start) || isBound(end))
      return { start: take(isBound(start)), end: take(isBound(end)), key: take(hasKey) }
    }),
    calls: calls.map((call) => {
      const first = next
      next += call.arguments.length
      return { first, filter: take(call.filtered) }
    }),
  }
}

function keyOf({ inputs }: WindowRow, first: number, count: number): string {
  return inputs
    .slice(first, first + count)
    .map((one) => `${typeof one} ${String(one)}`)
    .join('|')
}

class Partition {
  readonly #state: WindowState
  readonly #place: Place
  readonly #rows: readonly WindowRow[]
  /** Position of each row's group of peers. */
  readonly #groups: number[] = []

  constructor(state: WindowState, place: Place, rows: readonly WindowRow[]) {
    this.#state = state
    this.#place = place
    this.#rows = rows
    let group = -1
    let last: string | undefined
    for (const row of rows) {
      const key = keyOf(row, state.partition.length, state.order.length)
      if (key !== last) group += 1
      last = key
      this.#groups.push(group)
    }
  }

  result(call: WindowCallDeclaration, at: number, index: number): Value {
    const peers = this.#indexes().filter((row) => this.#groups[row] === this.#groups[index])
    const [count, before] = [this.#rows.length, peers[0] ?? 0]
    const own = (row: number): Row => this.#arguments(at, row, call.arguments.length)
    switch (call.function) {
      case 'RowNumber':
        return BigInt(index + 1)
      case 'Rank':
        return BigInt(before + 1)
      case 'DenseRank':
        return BigInt((this.#groups[index] ?? 0) + 1)
      case 'PercentRank':
        return count === 1 ? 0 : before / (count - 1)
      case 'CumeDist':
        return (before + peers.length) / count
      case 'Ntile':
        return this.#bucket(Number(own(0)[0]), index)
      case 'Lag':
      case 'Lead': {
        const [, offset = null, otherwise = null] = own(index)
        if (offset === null) return null
        const target = index + (call.function === 'Lag' ? -1 : 1) * Number(offset)
        return target >= 0 && target < count ? (own(target)[0] ?? null) : otherwise
      }
      default:
        return this.#overFrame(call, at, index)
    }
  }

  #overFrame(call: WindowCallDeclaration, at: number, index: number): Value {
    const rows = this.#frame(call.frame, index)
    const own = (row: number | undefined): Row =>
      row === undefined ? [] : this.#arguments(at, row, call.arguments.length)
    switch (call.function) {
      case 'FirstValue':
        return own(rows[0])[0] ?? null
      case 'LastValue':
        return own(rows.at(-1))[0] ?? null
      case 'NthValue':
        return own(rows[Number(own(index)[1] ?? 0) - 1])[0] ?? null
      default: {
        const filter = this.#place.calls[at]?.filter ?? -1
        const taken = rows.filter((row) => filter < 0 || this.#rows[row]?.inputs[filter] === true)
        const declared = {
          function: call.function as 'Sum',
          arguments: call.arguments,
          result: call.result,
          distinct: false,
        }
        return fold(
          declared,
          taken.map((row) => own(row)),
        )
      }
    }
  }

  #bucket(buckets: number, index: number): Value {
    const sizes = Array.from(
      { length: buckets },
      (_, bucket) =>
        Math.floor(this.#rows.length / buckets) + (bucket < this.#rows.length % buckets ? 1 : 0),
    )
    let end = 0
    return sizes.findIndex((size) => index < (end += size)) + 1
  }

  #frame(number: number, index: number): number[] {
    const frame = this.#state.frames[number]
    if (!frame) throw new Error('no such frame')
    return this.#indexes().filter(
      (row) =>
        this.#isFrom(frame, number, index, row) &&
        this.#isTo(frame, number, index, row) &&
        !this.#isExcluded(frame, index, row),
    )
  }

  #isFrom(frame: FrameDeclaration, number: number, index: number, row: number): boolean {
    if (frame.start === 'UnboundedPreceding') return true
    return this.#reaches(frame, number, index, row, frame.start === 'Preceding' ? -1 : 1, 'start')
  }

  #isTo(frame: FrameDeclaration, number: number, index: number, row: number): boolean {
    if (frame.end === 'UnboundedFollowing') return true
    return this.#reaches(frame, number, index, row, frame.end === 'Preceding' ? -1 : 1, 'end')
  }

  /** Is the row on the inner side of that edge of the frame? */
  #reaches(
    frame: FrameDeclaration,
    number: number,
    index: number,
    row: number,
    sign: number,
    edge: 'start' | 'end',
  ): boolean {
    const inner = (distance: number): boolean => (edge === 'start' ? distance >= 0 : distance <= 0)
    const offset = this.#place.frames[number]?.[edge] ?? -1
    if (frame.mode === 'Range' && offset >= 0) return inner(this.#distance(number, index, row, offset))
    const position = (one: number): number =>
      frame.mode === 'Rows' ? one : (this.#groups[one] ?? 0)
    const moved = offset < 0 ? 0 : sign * Number(this.#rows[index]?.inputs[offset])
    return inner(position(row) - (position(index) + moved))
  }

  /** How far behind the bound the row's key lies, in the order of the rows; nulls meet only nulls. */
  #distance(number: number, index: number, row: number, bound: number): number {
    const key = this.#place.frames[number]?.key ?? -1
    const [own, other] = [this.#rows[index]?.inputs[key] ?? null, this.#rows[row]?.inputs[key] ?? null]
    const value = this.#rows[index]?.inputs[bound] ?? null
    if (own === null || other === null) {
      if (own === other) return 0
      return row < index ? -1 : 1
    }
    const order = value === null || other === value ? 0 : other < value ? -1 : 1
    return this.#state.order[0]?.descending ? -order : order
  }

  #isExcluded({ exclude }: FrameDeclaration, index: number, row: number): boolean {
    const isPeer = this.#groups[row] === this.#groups[index]
    if (exclude === 'CurrentRow') return row === index
    if (exclude === 'Group') return isPeer
    return exclude === 'Ties' && isPeer && row !== index
  }

  #arguments(call: number, row: number, count: number): Row {
    const first = this.#place.calls[call]?.first ?? 0
    return this.#rows[row]?.inputs.slice(first, first + count) ?? []
  }

  #indexes(): number[] {
    return this.#rows.map((_, index) => index)
  }
}
