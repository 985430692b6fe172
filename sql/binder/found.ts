// Makes every statement of a body say whether it had a row, because something in the body asks.
import type { Column, Step } from '#sql/bound'

export function withFound(steps: readonly Step[], found: Column): readonly Step[] {
  return steps.map((step) => {
    switch (step.kind) {
      case 'run':
        return { ...step, found }
      case 'if':
        return {
          ...step,
          branches: step.branches.map((branch) => ({
            ...branch,
            body: withFound(branch.body, found),
          })),
          otherwise: withFound(step.otherwise, found),
        }
      case 'block':
        return {
          ...step,
          body: withFound(step.body, found),
          handlers: step.handlers.map((handler) => ({
            ...handler,
            body: withFound(handler.body, found),
          })),
        }
      case 'assign':
      case 'raise':
      case 'return':
        return step
    }
  })
}
