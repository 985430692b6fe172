// Coroutines as text: the only statements that are printed over several lines.
import type {
  AwaitBranch,
  CreateCoroutine,
  Expression,
  HandlerCondition,
  Identifier,
  Raise,
  RowSource,
  Step,
  Trigger,
  Yield,
} from '../ast.ts'
import { printChange, printWhere } from './change.ts'
import { typedColumns } from './definition.ts'
import { printExpression, printList } from './expression.ts'
import {
  names,
  printIdentifier,
  printName,
  printString,
  printType,
  printWithOptions,
} from './name.ts'
import { printQuery } from './query.ts'

export function printCoroutine({
  orReplace,
  name,
  trigger,
  options,
  body,
}: CreateCoroutine): string {
  const head =
    `create ${orReplace ? 'or replace ' : ''}coroutine ${printName(name)} ` +
    `${printTrigger(trigger)}`
  return `${head}${printWithOptions(options)} as ${printStep(body, '')}`
}

function printTrigger(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'rows': {
      const event = trigger.event === 'insert' ? '' : `${trigger.event} to `
      return (
        `on ${event}${printName(trigger.relation)} as ${printIdentifier(trigger.alias.name)}` +
        `${printWhere(trigger.where)}`
      )
    }
    case 'instead':
      return (
        `instead of insert to ${printName(trigger.device)} as ` +
        `${printIdentifier(trigger.alias.name)}${printWhere(trigger.where)}`
      )
    case 'call': {
      const returns =
        trigger.returns === undefined ? '' : ` returns table (${typedColumns(trigger.returns)})`
      return `(${typedColumns(trigger.parameters)})${returns}`
    }
  }
}

const rows = (source: RowSource): string =>
  source.kind === 'query' ? printQuery(source) : printChange(source)
const into = (list: readonly Identifier[] | undefined): string =>
  list === undefined ? '' : ` into ${names(list)}`
const within = (interval: Expression | undefined): string =>
  interval === undefined ? '' : ` within ${printExpression(interval)}`

/** Steps, each on a line of its own, one level further in. */
function steps(list: readonly Step[], indent: string): string {
  const inner = `${indent}  `
  return list.map((step) => `\n${inner}${printStep(step, inner)};`).join('')
}

export function printStep(step: Step, indent: string): string {
  switch (step.kind) {
    case 'run':
      return rows(step.statement) + into(step.into)
    case 'let': {
      const type = step.type === undefined ? '' : ` ${printType(step.type)}`
      const value =
        step.value.kind === 'expression'
          ? printExpression(step.value.expression)
          : (step.value.await ? 'await ' : '') + rows(step.value.query) + within(step.value.within)
      return `let ${printIdentifier(step.name.name)}${type} := ${value}`
    }
    case 'assign':
      return `${printIdentifier(step.name.name)} := ${printExpression(step.value)}`
    case 'await':
      return (
        `await ${step.strict ? 'strict ' : ''}${rows(step.query)}${into(step.into)}` +
        `${within(step.within)}`
      )
    case 'yield':
      return `yield ${printOutput(step.output)}`
    case 'exit':
    case 'continue':
      return step.kind + (step.when === undefined ? '' : ` when ${printExpression(step.when)}`)
    case 'raise':
      return printRaise(step)
    case 'return':
      return 'return'
    default:
      return compound(step, indent)
  }
}

function printOutput(output: Yield['output']): string {
  return output.kind === 'row' ? printList(output.values) : printQuery(output.query)
}

type Compound = Extract<Step, { kind: 'block' | 'await_any' | 'for' | 'if' | 'case_step' | 'loop' }>

function compound(step: Compound, indent: string): string {
  const close = `\n${indent}end`
  switch (step.kind) {
    case 'block': {
      const handlers = step.handlers.map((handler) => {
        const conditions = handler.conditions.map(condition).join(' or ')
        return `\n${indent}  when ${conditions} then${steps(handler.steps, `${indent}  `)}`
      })
      const exception = handlers.length === 0 ? '' : `\n${indent}exception${handlers.join('')}`
      return `begin${steps(step.steps, indent)}${exception}${close}`
    }
    case 'await_any': {
      const timeout = step.timeout
      const last =
        timeout === undefined
          ? ''
          : `\n${indent}  when timeout ${printExpression(timeout.interval)} then` +
            `${steps(timeout.steps, `${indent}  `)}`
      return (
        `await any${step.branches.map((branch) => awaitBranch(branch, indent)).join('')}${last}` +
        `${close} await`
      )
    }
    case 'for': {
      const source = `${step.await ? 'await ' : ''}${rows(step.query)}${within(step.within)}`
      return (
        `for ${printIdentifier(step.name.name)} in ${source} loop${steps(step.steps, indent)}` +
        `${close} loop`
      )
    }
    case 'loop': {
      const head = step.condition === undefined ? '' : `while ${printExpression(step.condition)} `
      return `${head}loop${steps(step.steps, indent)}${close} loop`
    }
    case 'if': {
      const branches = step.branches.map(
        (branch, index) =>
          `${index === 0 ? 'if' : `\n${indent}elsif`} ` +
          `${printExpression(branch.condition)} then${steps(branch.steps, indent)}`,
      )
      return `${branches.join('')}${otherwise(step.otherwise, indent)}${close} if`
    }
    case 'case_step': {
      const on = step.operand === undefined ? '' : ` ${printExpression(step.operand)}`
      const branches = step.branches.map(
        (branch) => `\n${indent}when ${printList(branch.when)} then${steps(branch.steps, indent)}`,
      )
      return `case${on}${branches.join('')}${otherwise(step.otherwise, indent)}${close} case`
    }
  }
}

function awaitBranch({ query, into: list, steps: body }: AwaitBranch, indent: string): string {
  return `\n${indent}  when (${rows(query)})${into(list)} then${steps(body, `${indent}  `)}`
}

function otherwise(list: readonly Step[] | undefined, indent: string): string {
  return list === undefined ? '' : `\n${indent}else${steps(list, indent)}`
}

function condition(of: HandlerCondition): string {
  return of.kind === 'sqlstate' ? `sqlstate ${printString(of.state)}` : printIdentifier(of.name)
}

function printRaise({ level, condition: of, format, arguments: list, options }: Raise): string {
  const values = list.map((value) => `, ${printExpression(value)}`).join('')
  const using = options.map(({ name, value }) => `${name} = ${printExpression(value)}`).join(', ')
  return [
    'raise',
    level !== 'exception' && level,
    of && condition(of),
    format !== undefined && printString(format) + values,
    options.length > 0 && `using ${using}`,
  ]
    .filter(Boolean)
    .join(' ')
}
