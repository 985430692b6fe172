// explain (program): registers and instructions as they run, for people who read kernels.
import type {
  AggregateDeclaration,
  Compute,
  Constant,
  Load,
  Operator,
  Program,
  Register,
  Residual,
  Sink,
  Source,
  State,
} from '../program.ts'
import { unpackSqlState } from '../sql-state.ts'

export function explainProgram(program: Program): string[] {
  const lines = [
    ...program.constants.map((constant, index) => {
      const text = index < program.parameters ? `$${String(index + 1)}` : printValue(constant)
      return `c${String(index)} = ${constant.type} ${text}`
    }),
    ...program.locals.map((type, index) => `l${String(index)}: ${type}`),
    ...program.states.map((state, index) => `s${String(index)}: ${printState(state)}`),
    ...program.regions.map(
      ({ first, last, state }) =>
        `region ${String(first)}..${String(last)} state l${String(state)}`,
    ),
  ]
  program.pipelines.forEach(({ source, operators, sink, registers }, index) => {
    const typed = (register: Register): string =>
      `r${String(register)}:${registers[register] ?? '?'}`
    const body = operators.flatMap((operator) => printOperator(operator, typed))
    const inside = [printSource(source, typed), ...body, printSink(sink)]
    lines.push(`pipeline ${String(index)}`, ...inside.map((line) => `  ${line}`))
  })
  return lines
}

/** A register with its type. */
type Typed = (register: Register) => string

/** The parts that there are, separated by spaces. */
function words(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false && part !== '').join(' ')
}

function name(register: Register): string {
  return register < 0 ? '-' : `r${String(register)}`
}

function list(registers: readonly Register[]): string {
  return registers.map(name).join(', ')
}

function group(word: string, registers: readonly Register[]): string {
  return words(word, `(${list(registers)})`)
}

/** `word rN`, or nothing for -1. */
function optional(word: string, register: Register): string {
  return register < 0 ? '' : `${word} ${name(register)}`
}

function printLoads(loads: readonly Load[], typed: Typed): string {
  return loads
    .map(({ column, register }) => `${typed(register)} = column ${String(column)}`)
    .join(', ')
}

function printValue({ type, value }: Constant): string {
  if (value === undefined) return 'null'
  if (!(value instanceof Uint8Array)) return String(value)
  if (type === 'String') return JSON.stringify(new TextDecoder().decode(value))
  return Buffer.from(value).toString('hex')
}

function printState(state: State): string {
  switch (state.kind) {
    case 'HashTable':
      return `HashTable keys (${state.keys.join(', ')}) payload (${state.payload.join(', ')})`
    case 'Aggregate': {
      const aggregates = state.aggregates.map(printDeclaration).join(', ')
      return words('Aggregate', `groups (${state.groups.join(', ')})`, aggregates)
    }
    case 'Sort': {
      const keys = state.keys.map(({ type, descending, nullsFirst }) =>
        words(type, descending && 'desc', nullsFirst && 'nulls first'),
      )
      return words(
        `Sort keys (${keys.join(', ')}) payload (${state.payload.join(', ')})`,
        state.limit >= 0 && `limit c${String(state.limit)}`,
        state.offset >= 0 && `offset c${String(state.offset)}`,
        state.groupLimit !== undefined && `${String(state.groupLimit.rows)} of equal ${String(state.groupLimit.keys)}`,
      )
    }
    case 'Rows':
      return `Rows (${state.payload.join(', ')})`
    case 'Window':
      return printWindow(state)
    case 'Recursion':
      return words('Recursion', state.distinct && 'distinct', `(${state.payload.join(', ')})`)
  }
}

function printWindow(state: Extract<State, { kind: 'Window' }>): string {
  const frames = state.frames.map(({ mode, start, end, exclude, type }) =>
    words(mode, start, end, exclude !== 'NoOthers' && `exclude ${exclude}`, type),
  )
  const calls = state.calls.map((call) => {
    const own = `${call.function}(${call.arguments.join(', ')})`
    return words(own, call.filtered && 'filtered', `in ${String(call.frame)}: ${call.result}`)
  })
  const order = state.order.map(({ type, descending }) => words(type, descending && 'desc'))
  return words(
    `Window partition (${state.partition.join(', ')}) order (${order.join(', ')})`,
    `frames (${frames.join(', ')}) calls (${calls.join(', ')}) payload (${state.payload.join(', ')})`,
  )
}

function printDeclaration({ function: called, distinct, result }: AggregateDeclaration): string {
  return `${words(called, distinct && 'distinct')}: ${result}`
}

const endSigns = { AtLeast: '>=', AtMost: '<=', Both: '=' } as const

/** What a scan of a state delivers. */
const readings = ['StateScan', 'Unmatched', 'Round']

function printSource(source: Source, typed: Typed): string {
  switch (source.kind) {
    case 'Dual':
      return 'Dual'
    case 'Instances': {
      const locals = source.locals.map(
        ({ column, register }) => `${typed(register)} = l${String(column)}`,
      )
      const guard = source.guard < 0 ? '' : `guard l${String(source.guard)}`
      const event = printLoads(source.event, typed)
      const parts = [`${typed(source.ordinal)} = ordinal`, event, ...locals, guard]
      return `Instances ${parts.filter((part) => part !== '').join(', ')}`
    }
    case 'Constants': {
      const cells = source.cells.map((cell) => `c${String(cell)}`).join(' ')
      return `Constants ${source.registers.map(typed).join(', ')} from ${cells}`
    }
    case 'Scan': {
      const rowId = source.rowId < 0 ? '' : `${typed(source.rowId)} = row id`
      const ranges = source.ranges.map(
        ({ column, end, constant }) => `#${String(column)} ${endSigns[end]} c${String(constant)}`,
      )
      const parts = [printLoads(source.columns, typed), rowId, ...ranges].filter((part) => part !== '')
      return words('Scan', String(source.relation), parts.join(', '))
    }
    case 'StateScan': {
      const loads = printLoads(source.columns, typed)
      return words(readings[source.what] ?? 'StateScan', `s${String(source.state)}`, loads)
    }
    case 'Recursion': {
      const rounds = `by ${String(source.first)}..${String(source.last)}`
      return words('Recursion', `s${String(source.state)}`, rounds, printLoads(source.columns, typed))
    }
  }
}

function printCompute(compute: Compute, typed: Typed): string {
  const { opcode, result, active, immediates } = compute
  const constants = immediates.map((one) =>
    opcode === 'Raise' ? unpackSqlState(one) : String(one),
  )
  return words(
    `${typed(result)} = ${opcode}(${list(compute.arguments)})`,
    constants.length > 0 && `[${constants.join(', ')}]`,
    optional('where', active),
  )
}

function printResidual({ instructions, register }: Residual, typed: Typed): string[] {
  if (register < 0) return []
  const computed = instructions.map((compute) => `  ${printCompute(compute, typed)}`)
  return [...computed, `  matches where ${name(register)}`]
}

function printOperator(operator: Operator, typed: Typed): string[] {
  switch (operator.kind) {
    case 'Compute':
      return [printCompute(operator, typed)]
    case 'LoadConstant':
      return [`${typed(operator.register)} = c${String(operator.constant)}`]
    case 'Filter':
      return [words('Filter', name(operator.register), group('keep', operator.keep))]
    case 'IndexProbe':
    case 'HashProbe':
    case 'LoopProbe':
      return [printProbe(operator, typed), ...printResidual(operator.residual, typed)]
    case 'Series': {
      const bounds = list([operator.start, operator.stop, operator.step])
      return [`${typed(operator.register)} = Series(${bounds}) ${group('keep', operator.keep)}`]
    }
    case 'Limit':
      return [
        words(
          'Limit',
          operator.limit >= 0 && `c${String(operator.limit)}`,
          operator.offset >= 0 && `offset c${String(operator.offset)}`,
          optional('per', operator.ordinal),
          group('keep', operator.keep),
        ),
      ]
    case 'Insert':
    case 'Update':
    case 'Delete':
    case 'Fetch':
    case 'Append':
      return [printChange(operator, typed)]
  }
}

type Probe = Extract<Operator, { readonly residual: Residual }>

function printProbe(probe: Probe, typed: Typed): string {
  const loads = probe.kind === 'IndexProbe' ? probe.columns : probe.outputs
  return words(
    probe.kind,
    probe.type,
    probe.kind === 'HashProbe' && probe.nullAware && 'null-aware',
    probe.kind === 'IndexProbe'
      ? `${String(probe.relation)}.${String(probe.index)}`
      : `s${String(probe.state)}`,
    probe.kind !== 'LoopProbe' && group('keys', probe.keys),
    printLoads(loads, typed),
    probe.kind === 'IndexProbe' && optional('row id', probe.rowId),
    optional('mark', probe.mark),
    group('keep', probe.keep),
  )
}

type Change = Extract<Operator, { kind: 'Insert' | 'Update' | 'Delete' | 'Fetch' | 'Append' }>

function printChange(change: Change, typed: Typed): string {
  const target = `${change.kind} ${String(change.relation)}`
  switch (change.kind) {
    case 'Insert':
      return words(
        group(target, change.values),
        change.conflict > 0 && 'on conflict',
        change.conflict > 0 && change.index >= 0 && `in ${String(change.index)}`,
        change.once && 'once',
        optional('ordinal', change.ordinal),
        optional('row id', change.rowId),
        optional('conflicted', change.conflicted),
      )
    case 'Update': {
      const set = change.columns.map(
        ({ column, register }) => `${String(column)} = ${name(register)}`,
      )
      return words(
        `${target} at ${name(change.rowId)} set ${set.join(', ')}`,
        optional('ordinal', change.ordinal),
        optional('new row id', change.newRowId),
        optional('where', change.active),
      )
    }
    case 'Delete':
      return words(
        `${target} at ${name(change.rowId)}`,
        optional('ordinal', change.ordinal),
        optional('where', change.active),
      )
    case 'Fetch':
      return `${target} at ${name(change.rowId)} ${printLoads(change.columns, typed)}`
    case 'Append':
      return words(
        group(target, change.values),
        optional('ordinal', change.ordinal),
        optional('id', change.id),
      )
  }
}

function printSink(sink: Sink): string {
  switch (sink.kind) {
    case 'Result':
      return `Result ${list(sink.registers)}`
    case 'HashBuild':
    case 'Sort':
      return words(
        sink.kind,
        `s${String(sink.state)}`,
        group('keys', sink.keys),
        group('payload', sink.payload),
      )
    case 'Aggregate': {
      const inputs = sink.inputs.map((input) =>
        words(group('', input.arguments), optional('where', input.filter)),
      )
      return words(
        `Aggregate s${String(sink.state)}`,
        group('groups', sink.groups),
        inputs.join(', '),
      )
    }
    case 'Rows':
      return `Rows s${String(sink.state)} (${list(sink.payload)})`
    case 'Locals': {
      const assign = sink.assign.map(
        ({ local, register }) => `l${String(local)} = ${name(register)}`,
      )
      return words(
        `Locals per ${name(sink.ordinal)}`,
        assign.join(', '),
        sink.found >= 0 && `found l${String(sink.found)}`,
        sink.reset && 'reset',
        sink.strict && 'strict',
      )
    }
    case 'Discard':
      return sink.counted ? 'Count' : 'Discard'
    case 'Window':
      return words(
        `Window s${String(sink.state)}`,
        group('inputs', sink.inputs),
        group('payload', sink.payload),
      )
  }
}
