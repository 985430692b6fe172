// Expressions as instructions. A part that may fail and that SQL would not reach runs under a mask:
// a Bool register that says in which rows its errors count.
import { physicalTypeOf } from '#base/data-type'
import { tooManyArguments } from '#base/errors'
import type { Call, Expression } from '#sql/bound'
import { opcodes, type Opcode } from '../opcodes.gen.ts'
import type { Register } from '../program.ts'
import { isSafeKernel } from './fallible.ts'
import { everywhere, type PipelineBuilder } from './pipeline-builder.ts'

/** What native code takes (native-kernels/src/expr/signature.h). */
const argumentsMax = 256

const opcodeNames: ReadonlySet<string> = new Set(opcodes)

function isOpcode(name: string): name is Opcode {
  return opcodeNames.has(name)
}

/** The register that holds the expression; its errors count where `active` is true. */
export function compileExpression(
  builder: PipelineBuilder,
  expression: Expression,
  active: Register,
): Register {
  switch (expression.kind) {
    case 'literal':
      return builder.constant(builder.program.constants.add(expression.value, expression.type))
    case 'parameter':
      return builder.constant(expression.index)
    case 'column':
      return builder.column(expression.column, active)
    case 'call':
      return compileCall(builder, expression, active)
    case 'case':
      return compileCase(builder, expression, active)
    case 'and':
      return compileConnective(builder, expression, active, { opcode: 'And', decided: 'IsFalse' })
    case 'or':
      return compileConnective(builder, expression, active, { opcode: 'Or', decided: 'IsTrue' })
    case 'subquery':
      throw new TypeError('subqueries are joins by now')
  }
}

function compileCall(builder: PipelineBuilder, expression: Call, active: Register): Register {
  const { kernel } = expression
  if (!isOpcode(kernel)) throw new TypeError(`no kernel is called ${kernel}`)
  const registers =
    kernel === 'Coalesce'
      ? compileCoalesce(builder, expression, active)
      : expression.arguments.map((argument) => compileExpression(builder, argument, active))
  if (registers.length > argumentsMax) throw tooManyArguments(argumentsMax, expression.span)
  return builder.compute({
    opcode: kernel,
    arguments: registers,
    immediates: expression.immediates,
    type: physicalTypeOf(expression.type),
    // Only what may fail itself needs the mask; the rest is shared with code outside it.
    active: isSafeKernel(kernel) ? everywhere : active,
    span: expression.span,
    isVolatile: expression.volatility === 'volatile',
  })
}

/** Later arguments count only where the earlier ones are null. */
function compileCoalesce(builder: PipelineBuilder, expression: Call, active: Register): Register[] {
  let mask = active
  return expression.arguments.map((argument, index) => {
    const register = compileExpression(builder, argument, builder.mayFail(argument) ? mask : active)
    const next = expression.arguments[index + 1]
    if (next && builder.mayFail(next))
      mask = narrow(builder, mask, truth(builder, 'IsNull', register, argument))
    return register
  })
}

function truth(
  builder: PipelineBuilder,
  opcode: Opcode,
  register: Register,
  { span }: Expression,
): Register {
  return builder.compute({ opcode, arguments: [register], type: 'Bool', active: everywhere, span })
}

/** `mask` and `condition`; conditions are never null. */
function narrow(builder: PipelineBuilder, mask: Register, condition: Register): Register {
  if (mask === everywhere) return condition
  const span = { start: 0, end: 0 }
  const both = builder.compute({
    opcode: 'And',
    arguments: [mask, condition],
    type: 'Bool',
    active: everywhere,
    span,
  })
  builder.nestMask(both, mask)
  return both
}

type Connective = Extract<Expression, { kind: 'and' | 'or' }>

interface ConnectiveKernels {
  readonly opcode: 'And' | 'Or'
  /** True where the operands so far decide. */
  readonly decided: 'IsFalse' | 'IsTrue'
}

function compileConnective(
  builder: PipelineBuilder,
  expression: Connective,
  active: Register,
  { opcode, decided }: ConnectiveKernels,
): Register {
  let result: Register | undefined
  for (const operand of expression.operands) {
    let mask = active
    if (result !== undefined && builder.mayFail(operand)) {
      const isDecided = truth(builder, decided, result, operand)
      mask = narrow(builder, active, truth(builder, 'Not', isDecided, operand))
    }
    const register = compileExpression(builder, operand, mask)
    result =
      result === undefined
        ? register
        : builder.compute({
            opcode,
            arguments: [result, register],
            type: 'Bool',
            active: everywhere,
            span: expression.span,
          })
  }
  if (result === undefined) throw new TypeError('and and or have operands')
  return result
}

type Case = Extract<Expression, { kind: 'case' }>

/** Select(c1, v1, Select(c2, v2, …)), each value under the mask of rows that reach it. */
function compileCase(builder: PipelineBuilder, expression: Case, active: Register): Register {
  const type = physicalTypeOf(expression.type)
  const taken: { readonly condition: Register; readonly value: Register }[] = []
  let rest = active
  const { branches, otherwise } = expression
  const lastToFail =
    otherwise && builder.mayFail(otherwise)
      ? branches.length
      : branches.findLastIndex(({ when, then }) => builder.mayFail(when) || builder.mayFail(then))
  branches.forEach(({ when, then }, index) => {
    const condition = compileExpression(builder, when, rest)
    const isTaken = (): Register => truth(builder, 'IsTrue', condition, when)
    const mask = builder.mayFail(then) ? narrow(builder, rest, isTaken()) : active
    taken.push({ condition, value: compileExpression(builder, then, mask) })
    if (index < lastToFail) rest = narrow(builder, rest, truth(builder, 'Not', isTaken(), when))
  })
  const last = otherwise
    ? compileExpression(builder, otherwise, builder.mayFail(otherwise) ? rest : active)
    : builder.literal(null, expression.type)
  return taken.reduceRight(
    (below, { condition, value }) =>
      builder.compute({
        opcode: 'Select',
        arguments: [condition, value, below],
        type,
        active: everywhere,
        span: expression.span,
      }),
    last,
  )
}
