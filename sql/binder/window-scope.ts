// The windows of one query level: named ones resolved, those that agree in partition and order put
// together, and the nodes of the plan that compute them.
import { EngineError } from '#base/engine-error'
import { undefinedObject } from '#base/errors'
import type { Span } from '#base/span'
import type * as ast from '#sql/ast'
import type { Column, Expression, Plan, SortKey, WindowCall, WindowCheck, WindowFrame } from '#sql/bound'
import { mapWindows } from '../expression-tree.ts'
import { expressionKey } from './rewrite.ts'

/** A window before its expressions are bound. */
export interface PlainWindow {
  readonly partition: readonly ast.Expression[]
  readonly order: readonly ast.SortItem[]
  readonly frame: ast.Frame | undefined
  readonly span: Span
}

/** What the binder of a call adds to a window. */
export interface NewCall {
  readonly partition: readonly Expression[]
  readonly order: readonly SortKey[]
  readonly frame: WindowFrame
  readonly call: Omit<WindowCall, 'column' | 'frame'>
  readonly checks: readonly WindowCheck[]
  readonly column: Column
}

interface Group {
  readonly partition: readonly Expression[]
  readonly order: readonly SortKey[]
  readonly frames: Map<string, WindowFrame>
  readonly calls: WindowCall[]
  readonly checks: WindowCheck[]
}

export class WindowCollector {
  readonly #named = new Map<string, PlainWindow>()
  readonly #groups = new Map<string, Group>()

  constructor(windows: readonly ast.NamedWindow[]) {
    for (const { name, specification, span } of windows) {
      if (this.#named.has(name)) {
        throw windowingError(`window "${name}" is already defined`, span)
      }
      this.#named.set(name, this.resolve(specification))
    }
  }

  /** The window with what it takes from the one it names. Errors: 42704, 42P20. */
  resolve(window: ast.WindowSpecification): PlainWindow {
    const { base, partition, order, frame, span } = window
    if (base === undefined) return { partition, order, frame, span }
    const found = this.#named.get(base)
    if (!found) throw undefinedObject('window', base, span, [...this.#named.keys()])
    if (window.isReference) return found
    if (partition.length > 0)
      throw windowingError(`cannot override PARTITION BY clause of window "${base}"`, span)
    if (order.length > 0 && found.order.length > 0)
      throw windowingError(`cannot override ORDER BY clause of window "${base}"`, span)
    if (found.frame)
      throw windowingError(`cannot copy window "${base}" because it has a frame clause`, span)
    return {
      partition: found.partition,
      order: order.length > 0 ? order : found.order,
      frame,
      span,
    }
  }

  add({ partition, order, frame, call, checks, column }: NewCall): void {
    const key = JSON.stringify([partition.map(expressionKey), order.map(orderKey)])
    const group: Group = this.#groups.get(key) ?? {
      partition,
      order,
      frames: new Map(),
      calls: [],
      checks: [],
    }
    this.#groups.set(key, group)
    const frameKey = keyOfFrame(frame)
    if (!group.frames.has(frameKey)) group.frames.set(frameKey, frame)
    const position = [...group.frames.keys()].indexOf(frameKey)
    group.calls.push({ ...call, column, frame: position })
    group.checks.push(...checks)
  }

  /**
   * Puts the windows' expressions in the terms of their input; what it returns puts the windows
   * above that input.
   */
  rewritten(rewrite: (expression: Expression) => Expression): (input: Plan) => Plan {
    const all = [...this.#groups.values()].map((group) =>
      mapWindows({ ...group, frames: [...group.frames.values()] }, rewrite),
    )
    return (input) =>
      all.reduce<Plan>((plan, windows) => ({ kind: 'window', input: plan, ...windows }), input)
  }
}

function orderKey({ expression, descending, nullsFirst }: SortKey): unknown {
  return [expressionKey(expression), descending, nullsFirst]
}

function keyOfFrame({ mode, start, end, exclude }: WindowFrame): string {
  const edges = [start, end].map((edge) => [
    edge.kind,
    'value' in edge ? expressionKey(edge.value) : '',
  ])
  return JSON.stringify([mode, edges, exclude])
}

export function windowingError(message: string, span: Span): EngineError {
  return new EngineError('windowing_error', { message, span })
}
