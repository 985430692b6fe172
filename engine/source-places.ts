// Where in a coroutine's text a failure is: what sys.errors says of its line and its statement. Offsets
// count as spans do, in UTF-16 units of the whole program's text.
import { covering, type Span } from '#base/span'
import type { NativeCoroutine } from '#native/binding'
import type { BoundCoroutine, Expression, Step } from '#sql/bound'
import { walkExpression } from '#sql/expression-tree'

export type SourcePlaces = Pick<NativeCoroutine, 'lineStarts' | 'steps'>

export const noPlaces: SourcePlaces = { lineStarts: new Int32Array(), steps: [] }

/** `text` is what the coroutine's spans count from. */
export function sourcePlaces(coroutine: BoundCoroutine, text: string): SourcePlaces {
  const { span, guard, body } = coroutine
  const places = guard === undefined ? [] : [extent(guard)]
  return {
    lineStarts: lineStarts(text, span),
    steps: [...places, ...stepSpans(body)].map(({ start, end }) => ({ spanStart: start, spanEnd: end, text: text.slice(start, end) })),
  }
}

function lineStarts(text: string, { start, end }: Span): Int32Array {
  const starts = [start]
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return Int32Array.from(starts)
}

/** An operator's own span is its sign. */
function extent(expression: Expression): Span {
  return [...walkExpression(expression)].map(({ span }) => span).reduce(covering)
}

/** Of all steps, each before those within it. */
function stepSpans(steps: readonly Step[]): Span[] {
  return steps.flatMap((step) => [step.span, ...stepSpans(innerSteps(step))])
}

function innerSteps(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'if':
      return [...step.branches.flatMap(({ body }) => body), ...step.otherwise]
    case 'block':
      return [...step.body, ...step.handlers.flatMap(({ body }) => body)]
    case 'run':
    case 'assign':
    case 'raise':
    case 'return':
      return []
  }
}
