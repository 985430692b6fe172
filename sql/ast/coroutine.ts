// Coroutines: what starts one, and the steps of its body (LANGUAGE §4).
import type { Change } from './change.ts'
import type { TypedColumn } from './definition.ts'
import type { Expression } from './expression.ts'
import type { Identifier, Node, Option, QualifiedName, TypeName } from './name.ts'
import type { Query } from './query.ts'

export interface CreateCoroutine extends Node {
  readonly kind: 'create_coroutine'
  readonly orReplace: boolean
  readonly name: QualifiedName
  readonly trigger: Trigger
  readonly options: readonly Option[]
  /** One step, or a block. */
  readonly body: Step
}

export type Trigger = RowTrigger | InsteadTrigger | CallTrigger

/** `on [insert|update|delete to] relation alias [where …]`. */
export interface RowTrigger extends Node {
  readonly kind: 'rows'
  /** What happens to the rows; `insert` where nothing is written. */
  readonly event: 'insert' | 'update' | 'delete'
  readonly relation: QualifiedName
  readonly alias: Identifier
  readonly where: Expression | undefined
}

/** `instead of insert to device alias [where …]`. */
export interface InsteadTrigger extends Node {
  readonly kind: 'instead'
  readonly device: QualifiedName
  readonly alias: Identifier
  readonly where: Expression | undefined
}

/** `(name type, …) [returns table (name type, …)]`. */
export interface CallTrigger extends Node {
  readonly kind: 'call'
  readonly parameters: readonly TypedColumn[]
  readonly returns: readonly TypedColumn[] | undefined
}

export type Step =
  | Block
  | StatementStep
  | Let
  | Assign
  | Await
  | AwaitAny
  | For
  | If
  | CaseStep
  | Loop
  | LoopExit
  | Yield
  | Raise
  | Return

export interface Block extends Node {
  readonly kind: 'block'
  readonly steps: readonly Step[]
  readonly handlers: readonly Handler[]
}

export interface Handler extends Node {
  readonly conditions: readonly HandlerCondition[]
  readonly steps: readonly Step[]
}

export type HandlerCondition =
  /** `unique_violation`; `others` is every condition but query_canceled. */
  | { readonly kind: 'condition'; readonly name: string; readonly span: Node['span'] }
  | { readonly kind: 'sqlstate'; readonly state: string; readonly span: Node['span'] }

/** What has rows and may be awaited. */
export type RowSource = Query | Change

/** `statement [into names]`. */
export interface StatementStep extends Node {
  readonly kind: 'run'
  readonly statement: RowSource
  readonly into: readonly Identifier[] | undefined
}

/** `let name [type] := …`. */
export interface Let extends Node {
  readonly kind: 'let'
  readonly name: Identifier
  readonly type: TypeName | undefined
  readonly value:
    | { readonly kind: 'expression'; readonly expression: Expression }
    | {
        readonly kind: 'rows'
        readonly await: boolean
        readonly query: RowSource
        readonly within: Expression | undefined
      }
}

export interface Assign extends Node {
  readonly kind: 'assign'
  readonly name: Identifier
  readonly value: Expression
}

/** `await [strict] query [into names] [within interval]`. */
export interface Await extends Node {
  readonly kind: 'await'
  readonly strict: boolean
  readonly query: RowSource
  readonly into: readonly Identifier[] | undefined
  readonly within: Expression | undefined
}

/** The first branch whose query has a row goes on. */
export interface AwaitAny extends Node {
  readonly kind: 'await_any'
  readonly branches: readonly AwaitBranch[]
  readonly timeout: { readonly interval: Expression; readonly steps: readonly Step[] } | undefined
}

export interface AwaitBranch extends Node {
  readonly query: RowSource
  readonly into: readonly Identifier[] | undefined
  readonly steps: readonly Step[]
}

/** `for name in [await] query [within interval] loop … end loop`. */
export interface For extends Node {
  readonly kind: 'for'
  readonly name: Identifier
  readonly await: boolean
  readonly query: RowSource
  readonly within: Expression | undefined
  readonly steps: readonly Step[]
}

export interface If extends Node {
  readonly kind: 'if'
  readonly branches: readonly { readonly condition: Expression; readonly steps: readonly Step[] }[]
  readonly otherwise: readonly Step[] | undefined
}

/** With an operand each branch lists values to compare it with, else one condition. */
export interface CaseStep extends Node {
  readonly kind: 'case_step'
  readonly operand: Expression | undefined
  readonly branches: readonly {
    readonly when: readonly Expression[]
    readonly steps: readonly Step[]
  }[]
  readonly otherwise: readonly Step[] | undefined
}

/** `[while condition] loop … end loop`. */
export interface Loop extends Node {
  readonly kind: 'loop'
  readonly condition: Expression | undefined
  readonly steps: readonly Step[]
}

export interface LoopExit extends Node {
  readonly kind: 'exit' | 'continue'
  readonly when: Expression | undefined
}

/** Inserts into the coroutine's output: one row of values, or the rows of a query. */
export interface Yield extends Node {
  readonly kind: 'yield'
  readonly output:
    | { readonly kind: 'row'; readonly values: readonly Expression[] }
    | { readonly kind: 'rows'; readonly query: Query }
}

/** PL/pgSQL's raise; with nothing said it raises the handled error again. */
export interface Raise extends Node {
  readonly kind: 'raise'
  readonly level: 'exception' | 'warning' | 'notice' | 'info' | 'log' | 'debug'
  readonly condition: HandlerCondition | undefined
  /** `%` takes the next argument, `%%` is a percent sign. */
  readonly format: string | undefined
  readonly arguments: readonly Expression[]
  /** message, detail, hint, errcode, … */
  readonly options: readonly { readonly name: string; readonly value: Expression }[]
}

export interface Return extends Node {
  readonly kind: 'return'
}
