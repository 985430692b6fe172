// Checks a bound call against the declaration of its kernel in opcodes.def, as the native verifier will.
import { physicalTypeOf, type PhysicalType } from '#base/data-type'
import { opcodeSignatures, type Opcode } from '#planner/opcodes.gen'
import type { Call, Expression } from '#sql/bound'
import { walkExpression } from '#sql/expression-tree'

const classes: Record<string, readonly PhysicalType[]> = {
  I: ['Int16', 'Int32', 'Int64'],
  F: ['Float32', 'Float64'],
  M: ['Int16', 'Int32', 'Int64', 'Float32', 'Float64'],
  N: ['Int16', 'Int32', 'Int64', 'Float32', 'Float64', 'Decimal'],
}

/** What no verifier would accept in the expression: kernel names with the types they were given. */
export function misfits(expression: Expression): readonly string[] {
  return [...walkExpression(expression)]
    .filter((node) => node.kind === 'call')
    .filter((call) => !fits(call))
    .map(describeCall)
}

function describeCall(call: Call): string {
  const types = call.arguments.map(({ type }) => physicalTypeOf(type))
  return `${call.kernel}(${types.join(', ')}) [${call.immediates.join(', ')}] -> ${physicalTypeOf(call.type)}`
}

function fits(call: Call): boolean {
  if (!Object.hasOwn(opcodeSignatures, call.kernel)) return false
  const { signature } = opcodeSignatures[call.kernel as Opcode]
  return signature
    .replace(/ volatile$/, '')
    .split(' | ')
    .some((form) => fitsForm(call, form))
}

function fitsForm(call: Call, form: string): boolean {
  const match = /^\(([^)]*)\)(?: \[([^\]]*)\])? -> (\w+)$/.exec(form)
  if (!match) throw new TypeError(`cannot read the signature ${form}`)
  const [, parameters = '', immediates = '', result = ''] = match
  const immediateCount = immediates === '' ? 0 : immediates.split(',').length
  if (call.immediates.length !== immediateCount) return false
  const bound = new Map<string, PhysicalType>()
  const types = call.arguments.map(({ type }) => physicalTypeOf(type))
  return (
    fitsParameters(types, parameters, bound) && fitsType(physicalTypeOf(call.type), result, bound)
  )
}

function fitsParameters(
  types: readonly PhysicalType[],
  text: string,
  bound: Map<string, PhysicalType>,
): boolean {
  const parameters = text === '' ? [] : text.split(', ')
  const last = parameters.at(-1)
  const repeated = last?.endsWith('...') ? last.slice(0, -3) : undefined
  const fixed = repeated === undefined ? parameters : parameters.slice(0, -1)
  if (types.length < fixed.length || (repeated === undefined && types.length > fixed.length))
    return false
  return types.every((type, index) => fitsType(type, fixed[index] ?? repeated ?? '', bound))
}

function fitsType(type: PhysicalType, name: string, bound: Map<string, PhysicalType>): boolean {
  if (name === 'A') return true
  const members = classes[name]
  if (members === undefined && name !== 'T') return type === name
  const known = bound.get(name)
  if (known !== undefined) return known === type
  bound.set(name, type)
  return members?.includes(type) ?? true
}
