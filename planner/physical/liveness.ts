// Which registers live on after an operator that drops or multiplies rows: one pass backwards over
// the pipeline, so that native code gathers nothing that is dead.
import type { Compute, Operator, Pipeline, Register, Residual, Sink } from '../program.ts'

export function withKeepLists(pipeline: Pipeline): Pipeline {
  const live = new Set(registersOfSink(pipeline.sink))
  const operators = pipeline.operators
    .toReversed()
    .map((operator) => keepLive(operator, live))
    .toReversed()
  return { ...pipeline, operators }
}

/** Moves `live` from behind the operator to before it; returns it with its keep list. */
function keepLive(unpruned: Operator, live: Set<Register>): Operator {
  const operator = withoutUnread(unpruned, live)
  for (const register of writtenBy(operator)) live.delete(register)
  if (!('keep' in operator)) {
    for (const register of readBy(operator)) live.add(register)
    return operator
  }
  if ('residual' in operator)
    for (const register of readByResidual(operator.residual)) live.add(register)
  for (const register of writtenBy(operator)) live.delete(register)
  const keep = sorted(live)
  for (const register of readBy(operator)) live.add(register)
  return { ...operator, keep }
}

/** Results that are only made on demand. */
function withoutUnread(operator: Operator, live: ReadonlySet<Register>): Operator {
  if (operator.kind === 'Append' && !live.has(operator.id)) return { ...operator, id: -1 }
  if (operator.kind === 'Insert' && !live.has(operator.rowId)) return { ...operator, rowId: -1 }
  if (operator.kind === 'Update' && !live.has(operator.newRowId))
    return { ...operator, newRowId: -1 }
  return operator
}

function sorted(registers: ReadonlySet<Register>): Register[] {
  return [...registers].toSorted((left, right) => left - right)
}

function present(...registers: readonly Register[]): Register[] {
  return registers.filter((register) => register >= 0)
}

function readByCompute(compute: Compute): Register[] {
  return present(...compute.arguments, compute.active)
}

/** Registers from outside that the condition reads. */
function readByResidual({ instructions, register }: Residual): Register[] {
  const own = new Set(instructions.map(({ result }) => result))
  return present(register, ...instructions.flatMap(readByCompute)).filter((read) => !own.has(read))
}

/** Registers that the operator reads, keep lists and residuals aside. */
export function readBy(operator: Operator): Register[] {
  switch (operator.kind) {
    case 'Compute':
      return readByCompute(operator)
    case 'LoadConstant':
    case 'LoopProbe':
      return []
    case 'Filter':
      return [operator.register]
    case 'IndexProbe':
    case 'HashProbe':
      return [...operator.keys]
    case 'Series':
      return [operator.start, operator.stop, operator.step]
    case 'Limit':
      return present(operator.ordinal)
    case 'Insert':
      return present(...operator.values, operator.ordinal, operator.active)
    case 'Update':
      return present(
        operator.rowId,
        ...operator.columns.map(({ register }) => register),
        operator.ordinal,
        operator.active,
      )
    case 'Delete':
      return present(operator.rowId, operator.ordinal, operator.active)
    case 'Fetch':
      return [operator.rowId]
    case 'Append':
      return present(...operator.values, operator.ordinal)
  }
}

/** Registers that the operator makes. */
export function writtenBy(operator: Operator): Register[] {
  switch (operator.kind) {
    case 'Compute':
      return [operator.result]
    case 'LoadConstant':
    case 'Series':
      return [operator.register]
    case 'Filter':
    case 'Limit':
    case 'Delete':
      return []
    case 'IndexProbe':
      return present(
        ...operator.columns.map(({ register }) => register),
        operator.rowId,
        operator.mark,
      )
    case 'HashProbe':
    case 'LoopProbe':
      return present(...operator.outputs.map(({ register }) => register), operator.mark)
    case 'Insert':
      return present(operator.rowId, operator.conflicted)
    case 'Update':
      return present(operator.newRowId)
    case 'Fetch':
      return operator.columns.map(({ register }) => register)
    case 'Append':
      return present(operator.id)
  }
}

export function registersOfSink(sink: Sink): Register[] {
  switch (sink.kind) {
    case 'Result':
      return [...sink.registers]
    case 'HashBuild':
    case 'Sort':
      return [...sink.keys, ...sink.payload]
    case 'Aggregate':
      return present(
        ...sink.groups,
        ...sink.inputs.flatMap(({ arguments: own, filter }) => [...own, filter]),
      )
    case 'Rows':
      return [...sink.payload]
    case 'Window':
      return [...sink.payload, ...sink.inputs]
    case 'Locals':
      return present(sink.ordinal, ...sink.assign.map(({ register }) => register))
    case 'Discard':
      return []
  }
}
