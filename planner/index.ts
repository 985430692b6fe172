// The planner's public face: bound statements in, programs and their explanations out.
export { encodeProgram, type EncodedProgram } from './encode.ts'
export { logicalPlan, planQuery } from './query.ts'
export type { FailureNote, Program } from './program.ts'
