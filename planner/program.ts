// The program: what the planner makes and native code runs. Plain data; the field order of these
// interfaces is the field order of the encoding (planner/encode.ts, native-kernels/src/program/decode.cc).
// A program is a straight list of pipelines: control flow inside a step is predication over the
// instances' locals, so nothing here jumps.
import type { Span } from '#base/span'
import type { Opcode } from './opcodes.gen.ts'

export const physicalTypes = [
  'Bool', 'Int16', 'Int32', 'Int64', 'Float32', 'Float64', 'Decimal', 'String', 'Interval', 'Uuid',
] as const
export type PhysicalType = (typeof physicalTypes)[number]

/** Position in a pipeline's `registers`. Each register is written by exactly one place. */
export type Register = number
/** Position in Program.states / Program.locals / Program.constants. */
export type StateIndex = number
export type LocalIndex = number
export type ConstantIndex = number

/** undefined is null. Decimal, Interval, Uuid and String values are their bytes (little-endian). */
export interface Constant {
  readonly type: PhysicalType
  readonly value: undefined | boolean | number | bigint | Uint8Array
}

/** A column of a relation, state or event batch and the register that gets it. */
export interface Load {
  readonly column: number
  readonly register: Register
}

export const aggregateFunctions = [
  'CountStar', 'Count', 'Sum', 'Min', 'Max', 'BoolAnd', 'BoolOr', 'StringAgg', 'JsonAgg',
  'JsonObjectAgg', 'VarPop', 'VarSamp', 'StddevPop', 'StddevSamp', 'First',
  'CovarPop', 'CovarSamp', 'Corr', 'PercentileCont',
] as const
export type AggregateFunction = (typeof aggregateFunctions)[number]

/**
 * Sum: Int16/Int32 → Int64 (22003 on overflow), Int64 → Decimal, Decimal → Decimal, floats as they are.
 * Var*, Stddev*: Float64 → Float64. Covar*, Corr: two Float64. PercentileCont (value, fraction): Float64. Windows have none of these four. StringAgg (value, separator): String. JsonAgg, JsonObjectAgg (key text,
 * value json): String. Count*: Int64. Min, Max, First: the argument's type. Values arrive in input order.
 */
export interface AggregateDeclaration {
  readonly function: AggregateFunction
  readonly arguments: readonly PhysicalType[]
  readonly result: PhysicalType
  readonly distinct: boolean
}

/** Memory that one pipeline fills and later ones read. */
export type State =
  | { readonly kind: 'HashTable'; readonly keys: readonly PhysicalType[]; readonly payload: readonly PhysicalType[] }
  /** Scanned as: group columns, then aggregate results. No groups declared: always exactly one row. */
  | { readonly kind: 'Aggregate'; readonly groups: readonly PhysicalType[]; readonly aggregates: readonly AggregateDeclaration[] }
  /** Scanned in order, its columns are the payload; limit counts rows kept after skipping offset, -1 for all. Stable. */
  | { readonly kind: 'Sort'; readonly keys: readonly SortKeyDeclaration[]; readonly payload: readonly PhysicalType[]; readonly limit: ConstantIndex; readonly offset: ConstantIndex
      readonly groupLimit: GroupLimit | undefined }
  | { readonly kind: 'Rows'; readonly payload: readonly PhysicalType[] }
  /** Filled as Rows before its rounds and in them; distinct: by rows that differ, nulls being equal. */
  | { readonly kind: 'Recursion'; readonly payload: readonly PhysicalType[]; readonly distinct: boolean }
  /** Filled with rows ordered by partition and order. Scanned as: one column per call, then the payload. */
  | { readonly kind: 'Window'; readonly payload: readonly PhysicalType[]; readonly partition: readonly PhysicalType[]
      readonly order: readonly SortKeyDeclaration[]; readonly frames: readonly FrameDeclaration[]; readonly calls: readonly WindowCallDeclaration[] }
export const stateKinds = ['HashTable', 'Aggregate', 'Sort', 'Rows', 'Window', 'Recursion'] as const

export const windowFunctions = [
  'RowNumber', 'Rank', 'DenseRank', 'PercentRank', 'CumeDist', 'Ntile', 'Lag', 'Lead', 'FirstValue', 'LastValue', 'NthValue',
  ...aggregateFunctions,
] as const
export type WindowFunction = (typeof windowFunctions)[number]

export const frameModes = ['Rows', 'Range', 'Groups'] as const
export const frameBounds = ['UnboundedPreceding', 'Preceding', 'CurrentRow', 'Following', 'UnboundedFollowing'] as const
export const exclusions = ['NoOthers', 'CurrentRow', 'Group', 'Ties'] as const

/**
 * Inputs: the bound of a Preceding or Following start, then end: of rows and groups how many (Int64), of a range the value itself
 * (of `type`); then, of a range with such bounds, the order key of `type`.
 */
export interface FrameDeclaration {
  readonly mode: (typeof frameModes)[number]
  readonly start: (typeof frameBounds)[number]
  readonly end: (typeof frameBounds)[number]
  readonly exclude: (typeof exclusions)[number]
  readonly type: PhysicalType
}

/** Inputs: the arguments, then a Bool filter where `filtered`. Ntile, Lag, Lead, NthValue count in Int32. */
export interface WindowCallDeclaration {
  readonly function: WindowFunction
  readonly arguments: readonly PhysicalType[]
  readonly result: PhysicalType
  readonly filtered: boolean
  readonly frame: number
}

/**
 * Of rows that agree in the first `keys` sort keys, only the first `rows` are wanted: others may be dropped
 * as they come, those equal to one of them only with `dropsTies`. Keys hold no strings, limit and offset are -1.
 */
export interface GroupLimit {
  readonly keys: number
  /** 1 to 64. */
  readonly rows: number
  readonly dropsTies: boolean
}

export interface SortKeyDeclaration {
  readonly type: PhysicalType
  readonly descending: boolean
  readonly nullsFirst: boolean
}

export const rangeEnds = ['AtLeast', 'AtMost', 'Both'] as const
export type RangeEnd = (typeof rangeEnds)[number]

/** Rows whose stored column is not at least, at most or equal to the constant, which has its type, are not wanted: a scan may leave them out. */
export interface ScanRange {
  readonly column: number
  readonly end: RangeEnd
  readonly constant: ConstantIndex
}

export type Source =
  /** One row without columns. */
  | { readonly kind: 'Dual' }
  /** A step's instances: event columns and locals; ordinal (Int32) names the instance. Only rows whose `guard` local is true (-1: all), and that have not failed. */
  | { readonly kind: 'Instances'; readonly event: readonly Load[]; readonly locals: readonly Load[]; readonly ordinal: Register; readonly guard: LocalIndex }
  /** Constants in row-major order, registers.length a row. */
  | { readonly kind: 'Constants'; readonly registers: readonly Register[]; readonly cells: readonly ConstantIndex[] }
  /** Visible rows of a table, retained rows of an event table, or a system relation; rowId (Int64) -1: not wanted. */
  | { readonly kind: 'Scan'; readonly relation: number; readonly columns: readonly Load[]; readonly rowId: Register; readonly ranges: readonly ScanRange[] }
  /** Rows of a filled state. what 0: all; 1: build rows of a HashTable no probe matched (right and full joins; columns are keys then payload); 2: the round's rows of a Recursion. */
  | { readonly kind: 'StateScan'; readonly state: StateIndex; readonly what: number; readonly columns: readonly Load[] }
  /** Rows of a Recursion, round by round: what was found is handed out, then pipelines first..last find more of it, until they find nothing. */
  | { readonly kind: 'Recursion'; readonly state: StateIndex; readonly first: number; readonly last: number; readonly columns: readonly Load[] }
export const sourceKinds = ['Dual', 'Instances', 'Constants', 'Scan', 'StateScan', 'Recursion'] as const

export const probeTypes = ['Inner', 'Left', 'Semi', 'Anti', 'Mark', 'Single', 'Right', 'Full'] as const
/**
 * Inner, Left: matches appended. Semi, Anti: rows kept or dropped. Mark: every row kept once, `mark` (Bool) says
 * whether a match exists (null-aware: null when unknown, as IN needs). Single: Left, but a second match is 21000.
 * Right, Full: like Inner, Left, and matched build rows are remembered for StateScan what 1.
 */
export type ProbeType = (typeof probeTypes)[number]

/** Extra join condition over kept and output registers; a match counts only where `register` is true. */
export interface Residual {
  readonly instructions: readonly Compute[]
  /** -1: no residual condition. */
  readonly register: Register
}

export interface Compute {
  readonly kind: 'Compute'
  readonly opcode: Opcode
  readonly result: Register
  /** Bool register; errors count only where it is true. -1: everywhere. */
  readonly active: Register
  readonly arguments: readonly Register[]
  readonly immediates: readonly number[]
  /** Offset and length in the SQL text for error reports. */
  readonly spanStart: number
  readonly spanEnd: number
}

export type Operator =
  | Compute
  | { readonly kind: 'LoadConstant'; readonly constant: ConstantIndex; readonly register: Register }
  /** Keeps rows where `register` is true; only `keep` registers live on (others are dead after it). */
  | { readonly kind: 'Filter'; readonly register: Register; readonly keep: readonly Register[] }
  /** Looks rows up in a relation's hash index (Inner, Left, Semi, Anti, Single, Mark). rowId -1: not wanted. */
  | { readonly kind: 'IndexProbe'; readonly relation: number; readonly index: number; readonly type: ProbeType; readonly keys: readonly Register[]
      readonly columns: readonly Load[]; readonly rowId: Register; readonly mark: Register; readonly keep: readonly Register[]; readonly residual: Residual }
  /** Probes a HashTable state; columns of `outputs` are keys then payload. nullAware: Mark and Anti follow NOT IN. */
  | { readonly kind: 'HashProbe'; readonly state: StateIndex; readonly type: ProbeType; readonly keys: readonly Register[]
      readonly outputs: readonly Load[]; readonly mark: Register; readonly keep: readonly Register[]; readonly residual: Residual; readonly nullAware: boolean }
  /** Nested loop over a Rows state: cross joins and conditions without an equality. */
  | { readonly kind: 'LoopProbe'; readonly state: StateIndex; readonly type: ProbeType
      readonly outputs: readonly Load[]; readonly mark: Register; readonly keep: readonly Register[]; readonly residual: Residual }
  /** generate_series: one row per value; all Int64. */
  | { readonly kind: 'Series'; readonly start: Register; readonly stop: Register; readonly step: Register; readonly register: Register; readonly keep: readonly Register[] }
  /** Passes `limit` rows after `offset` of the whole pipeline (per instance when ordinal is not -1); Int64 constants, -1: none. */
  | { readonly kind: 'Limit'; readonly limit: ConstantIndex; readonly offset: ConstantIndex; readonly ordinal: Register; readonly keep: readonly Register[] }
  /**
   * Inserts rows into a table. values[i] is column i, -1: numbered by identity. conflict 0: a duplicate is
   * 23505; 1: a duplicate in `index` (-1: in any) is left out, `conflicted` is true and rowId names the row
   * already there. The same key twice in one statement under conflict 1 with `once`: 21000. Not-null is checked.
   * ordinal: the instance register, -1 outside steps.
   */
  | { readonly kind: 'Insert'; readonly relation: number; readonly values: readonly Register[]; readonly conflict: number; readonly index: number; readonly once: boolean
      readonly ordinal: Register; readonly rowId: Register; readonly conflicted: Register; readonly active: Register; readonly spanStart: number; readonly spanEnd: number }
  /** Replaces columns of the rows named; newRowId names the new version. Only where `active` (-1: all). */
  | { readonly kind: 'Update'; readonly relation: number; readonly rowId: Register; readonly columns: readonly Load[]
      readonly ordinal: Register; readonly newRowId: Register; readonly active: Register; readonly spanStart: number; readonly spanEnd: number }
  | { readonly kind: 'Delete'; readonly relation: number; readonly rowId: Register; readonly ordinal: Register; readonly active: Register; readonly spanStart: number; readonly spanEnd: number }
  /** Reads columns of the rows named (null rowId: nulls). */
  | { readonly kind: 'Fetch'; readonly relation: number; readonly rowId: Register; readonly columns: readonly Load[] }
  /** Appends to an event table or stages a request to a device, at commit. values[i] is column i. id (Int64): the request's id, -1: not wanted. */
  | { readonly kind: 'Append'; readonly relation: number; readonly values: readonly Register[]; readonly ordinal: Register; readonly id: Register; readonly spanStart: number; readonly spanEnd: number }
export const operatorKinds = [
  'Compute', 'LoadConstant', 'Filter', 'IndexProbe', 'HashProbe', 'LoopProbe', 'Series', 'Limit', 'Insert', 'Update', 'Delete', 'Fetch', 'Append',
] as const

export type Sink =
  /** Rows for the client. */
  | { readonly kind: 'Result'; readonly registers: readonly Register[] }
  | { readonly kind: 'HashBuild'; readonly state: StateIndex; readonly keys: readonly Register[]; readonly payload: readonly Register[] }
  /** inputs: per aggregate its argument registers, filter register (-1: none). */
  | { readonly kind: 'Aggregate'; readonly state: StateIndex; readonly groups: readonly Register[]; readonly inputs: readonly { readonly arguments: readonly Register[]; readonly filter: Register }[] }
  | { readonly kind: 'Sort'; readonly state: StateIndex; readonly keys: readonly Register[]; readonly payload: readonly Register[] }
  | { readonly kind: 'Rows'; readonly state: StateIndex; readonly payload: readonly Register[] }
  /**
   * Stores into the instances' locals. First row per instance wins; found (Bool local, -1: none) becomes true for
   * instances that had a row; before the pipeline runs the assigned locals of guarded instances are set to null and found to false
   * when `reset`. strict: a second row is 21000 (P0003).
   */
  | { readonly kind: 'Locals'; readonly ordinal: Register; readonly assign: readonly { readonly local: LocalIndex; readonly register: Register }[]; readonly found: LocalIndex; readonly reset: boolean; readonly strict: boolean }
  /** Counts rows (the command tag's number when `counted`) and drops them. */
  | { readonly kind: 'Discard'; readonly counted: boolean }
  /** Rows ordered by partition and order. inputs: partition, order keys, then those of the frames and of the calls. */
  | { readonly kind: 'Window'; readonly state: StateIndex; readonly payload: readonly Register[]; readonly inputs: readonly Register[] }
export const sinkKinds = ['Result', 'HashBuild', 'Aggregate', 'Sort', 'Rows', 'Locals', 'Discard', 'Window'] as const

export interface Pipeline {
  readonly registers: readonly PhysicalType[]
  readonly source: Source
  readonly operators: readonly Operator[]
  readonly sink: Sink
}

/**
 * Pipelines first..last are the body of a block with an exception part. An instance that fails in
 * them gets the packed SQLSTATE in `state` (Int32 local) and, if wanted, the message in `message`
 * (String local, -1: none) and where it failed in `place` (Int64 local for RaiseState, -1: none),
 * loses its effects since `first`, and skips the rest of the body.
 */
export interface Region {
  readonly first: number
  readonly last: number
  readonly state: LocalIndex
  readonly message: LocalIndex
  readonly place: LocalIndex
}

/**
 * What to say when a Raise fails a row. A Compute with spanStart < 0 names note -1 - spanStart; native
 * code only passes the number through.
 */
export interface FailureNote {
  readonly state: string
  readonly message: string
  /** String local of the failed instance that holds the message instead, when it is computed. */
  readonly messageLocal?: LocalIndex
  readonly detail?: string
  readonly constraint?: string
  readonly span: Span
}

export interface Program {
  /** The first `parameters` constants are replaced by the caller's values at each run. */
  readonly parameters: number
  readonly constants: readonly Constant[]
  /** Event columns a step reads, by relation; -1 when the program is no step. */
  readonly event: number
  readonly locals: readonly PhysicalType[]
  readonly states: readonly State[]
  readonly pipelines: readonly Pipeline[]
  readonly regions: readonly Region[]
  /** May a batch of instances run set-at-a-time? false: one instance after the other. */
  readonly vectorised: boolean
  /** For error reports; not part of the encoding. */
  readonly notes?: readonly FailureNote[]
}

/** The first word of every encoded program. */
export const programMagic = 0x52_57_50_01
