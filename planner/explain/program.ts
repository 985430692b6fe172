// explain (program): registers and instructions as they run, for people who read kernels.
import type {
  Compute,
  Constant,
  Load,
  Operator,
  Program,
  Register,
  Residual,
  Sink,
  Source,
} from '../program.ts'
import { unpackSqlState } from '../sql-state.ts'

export function explainProgram(program: Program): string[] {
  const lines = [
    ...program.constants.map(
      (constant, index) =>
        `c${String(index)} = ${printConstant(constant, index < program.parameters ? index : -1)}`,
    ),
    ...program.locals.map((type, index) => `l${String(index)}: ${type}`),
    ...program.states.map((state, index) => `s${String(index)}: ${printState(state)}`),
    ...program.regions.map(
      ({ first, last, state }) =>
        `region ${String(first)}..${String(last)} state l${String(state)}`,
    ),
  ]
  program.pipelines.forEach(({ source, operators, sink, registers }, index) => {
    lines.push(`pipeline ${String(index)}`)
    const typed = (register: Register): string =>
      `r${String(register)}:${registers[register] ?? '?'}`
    lines.push(`  ${printSource(source, typed)}`)
    for (const operator of operators)
      lines.push(...printOperator(operator, typed).map((line) => `  ${line}`))
    lines.push(`  ${printSink(sink)}`)
  })
  return lines
}

type Typed = (register: Register) => string

function printConstant({ type, value }: Constant, parameter: number): string {
  if (parameter >= 0) return `${type} $${String(parameter + 1)}`
  if (value instanceof Uint8Array) {
    return type === 'String'
      ? `${type} ${JSON.stringify(new TextDecoder().decode(value))}`
      : `${type} ${Buffer.from(value).toString('hex')}`
  }
  return `${type} ${value === undefined ? 'null' : String(value)}`
}

function printState(state: Program['states'][number]): string {
  switch (state.kind) {
    case 'HashTable':
      return `HashTable keys (${state.keys.join(', ')}) payload (${state.payload.join(', ')})`
    case 'Aggregate':
      return `Aggregate groups (${state.groups.join(', ')}) ${state.aggregates.map(({ function: name, distinct, result }) => `${name}${distinct ? ' distinct' : ''}: ${result}`).join(', ')}`.trimEnd()
    case 'Sort': {
      const keys = state.keys.map(
        ({ type, descending, nullsFirst }) =>
          `${type}${descending ? ' desc' : ''}${nullsFirst ? ' nulls first' : ''}`,
      )
      const bounds = [
        ...(state.limit < 0 ? [] : [` limit c${String(state.limit)}`]),
        ...(state.offset < 0 ? [] : [` offset c${String(state.offset)}`]),
      ]
      return `Sort keys (${keys.join(', ')}) payload (${state.payload.join(', ')})${bounds.join('')}`
    }
    case 'Rows':
      return `Rows (${state.payload.join(', ')})`
  }
}

function printLoads(loads: readonly Load[], typed: Typed): string {
  return loads
    .map(({ column, register }) => `${typed(register)} = column ${String(column)}`)
    .join(', ')
}

function printSource(source: Source, typed: Typed): string {
  switch (source.kind) {
    case 'Dual':
      return 'Dual'
    case 'Instances': {
      const locals = source.locals.map(
        ({ column, register }) => `${typed(register)} = l${String(column)}`,
      )
      const guard = source.guard < 0 ? [] : [`guard l${String(source.guard)}`]
      const event = source.event.length === 0 ? [] : [printLoads(source.event, typed)]
      return `Instances ${[`${typed(source.ordinal)} = ordinal`, ...event, ...locals, ...guard].join(', ')}`
    }
    case 'Constants':
      return `Constants ${source.registers.map(typed).join(', ')} from ${source.cells.map((cell) => `c${String(cell)}`).join(' ')}`
    case 'Scan': {
      const rowId = source.rowId < 0 ? [] : [`${typed(source.rowId)} = row id`]
      return `Scan ${String(source.relation)} ${[printLoads(source.columns, typed), ...rowId].filter((part) => part !== '').join(', ')}`.trimEnd()
    }
    case 'StateScan':
      return `${source.what === 1 ? 'Unmatched' : 'StateScan'} s${String(source.state)} ${printLoads(source.columns, typed)}`.trimEnd()
  }
}

function list(registers: readonly Register[]): string {
  return registers.map((register) => (register < 0 ? '-' : `r${String(register)}`)).join(', ')
}

function printCompute(
  { opcode, result, active, arguments: own, immediates }: Compute,
  typed: Typed,
): string {
  const isRaise = opcode === 'Raise'
  const constants =
    immediates.length === 0
      ? ''
      : ` [${immediates.map((value) => (isRaise ? unpackSqlState(value) : String(value))).join(', ')}]`
  return `${typed(result)} = ${opcode}(${list(own)})${constants}${active < 0 ? '' : ` where r${String(active)}`}`
}

function printResidual(residual: Residual, typed: Typed): string[] {
  if (residual.register < 0) return []
  return [
    ...residual.instructions.map((compute) => `  ${printCompute(compute, typed)}`),
    `  matches where r${String(residual.register)}`,
  ]
}

function extras(parts: Readonly<Record<string, Register>>): string {
  return Object.entries(parts)
    .filter(([, register]) => register >= 0)
    .map(([name, register]) => ` ${name} r${String(register)}`)
    .join('')
}

function printOperator(operator: Operator, typed: Typed): string[] {
  switch (operator.kind) {
    case 'Compute':
      return [printCompute(operator, typed)]
    case 'LoadConstant':
      return [`${typed(operator.register)} = c${String(operator.constant)}`]
    case 'Filter':
      return [`Filter r${String(operator.register)} keep (${list(operator.keep)})`]
    case 'IndexProbe': {
      const own = extras({ 'row id': operator.rowId, mark: operator.mark })
      return [
        `IndexProbe ${operator.type} ${String(operator.relation)}.${String(operator.index)} keys (${list(operator.keys)}) ${printLoads(operator.columns, typed)}${own} keep (${list(operator.keep)})`,
        ...printResidual(operator.residual, typed),
      ]
    }
    case 'HashProbe':
      return [
        `HashProbe ${operator.type}${operator.nullAware ? ' null-aware' : ''} s${String(operator.state)} keys (${list(operator.keys)}) ${printLoads(operator.outputs, typed)}${extras({ mark: operator.mark })} keep (${list(operator.keep)})`,
        ...printResidual(operator.residual, typed),
      ]
    case 'LoopProbe':
      return [
        `LoopProbe ${operator.type} s${String(operator.state)} ${printLoads(operator.outputs, typed)}${extras({ mark: operator.mark })} keep (${list(operator.keep)})`,
        ...printResidual(operator.residual, typed),
      ]
    case 'Series':
      return [
        `${typed(operator.register)} = Series(${list([operator.start, operator.stop, operator.step])}) keep (${list(operator.keep)})`,
      ]
    case 'Limit': {
      const bounds = [
        operator.limit < 0 ? '' : ` c${String(operator.limit)}`,
        operator.offset < 0 ? '' : ` offset c${String(operator.offset)}`,
      ]
      return [
        `Limit${bounds.join('')}${extras({ per: operator.ordinal })} keep (${list(operator.keep)})`,
      ]
    }
    case 'Insert': {
      const conflict =
        operator.conflict === 0
          ? ''
          : ` on conflict${operator.index < 0 ? '' : ` in ${String(operator.index)}`}${operator.once ? ' once' : ''}`
      return [
        `Insert ${String(operator.relation)} (${list(operator.values)})${conflict}${extras({ ordinal: operator.ordinal, 'row id': operator.rowId, conflicted: operator.conflicted })}`,
      ]
    }
    case 'Update': {
      const set = operator.columns
        .map(({ column, register }) => `${String(column)} = r${String(register)}`)
        .join(', ')
      return [
        `Update ${String(operator.relation)} at r${String(operator.rowId)} set ${set}${extras({ ordinal: operator.ordinal, 'new row id': operator.newRowId, where: operator.active })}`,
      ]
    }
    case 'Delete':
      return [
        `Delete ${String(operator.relation)} at r${String(operator.rowId)}${extras({ ordinal: operator.ordinal, where: operator.active })}`,
      ]
    case 'Fetch':
      return [
        `Fetch ${String(operator.relation)} at r${String(operator.rowId)} ${printLoads(operator.columns, typed)}`,
      ]
    case 'Append':
      return [
        `Append ${String(operator.relation)} (${list(operator.values)})${extras({ ordinal: operator.ordinal, id: operator.id })}`,
      ]
  }
}

function printSink(sink: Sink): string {
  switch (sink.kind) {
    case 'Result':
      return `Result ${list(sink.registers)}`
    case 'HashBuild':
      return `HashBuild s${String(sink.state)} keys (${list(sink.keys)}) payload (${list(sink.payload)})`
    case 'Aggregate': {
      const inputs = sink.inputs.map(
        ({ arguments: own, filter }) =>
          `(${list(own)})${filter < 0 ? '' : ` where r${String(filter)}`}`,
      )
      return `Aggregate s${String(sink.state)} groups (${list(sink.groups)}) ${inputs.join(', ')}`.trimEnd()
    }
    case 'Sort':
      return `Sort s${String(sink.state)} keys (${list(sink.keys)}) payload (${list(sink.payload)})`
    case 'Rows':
      return `Rows s${String(sink.state)} (${list(sink.payload)})`
    case 'Locals': {
      const assign = sink.assign.map(
        ({ local, register }) => `l${String(local)} = r${String(register)}`,
      )
      const flags = [
        sink.found < 0 ? '' : ` found l${String(sink.found)}`,
        sink.reset ? ' reset' : '',
        sink.strict ? ' strict' : '',
      ]
      return `Locals per r${String(sink.ordinal)} ${assign.join(', ')}`.trimEnd() + flags.join('')
    }
    case 'Discard':
      return sink.counted ? 'Count' : 'Discard'
  }
}
