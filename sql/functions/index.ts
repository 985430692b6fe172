// The catalogue: every operator and function by name. Completion, docs and the binder read it.
import { comparisonOperators } from './comparison.ts'
import { composedFunctions } from './composed-functions.ts'
import { datetimeFunctions, datetimeOperators } from './datetime-functions.ts'
import { generalFunctions, logicOperators } from './general-functions.ts'
import { jsonFunctions, jsonOperators } from './json-functions.ts'
import { mathFunctions } from './math-functions.ts'
import { numericOperators } from './numeric-operators.ts'
import { indexByName, type Overload } from './overload.ts'
import { patternInput } from './pattern-input.ts'
import { textFunctions, textOperators } from './text-functions.ts'

export const operators: readonly Overload[] = [
  ...numericOperators,
  ...comparisonOperators,
  ...logicOperators,
  ...textOperators,
  ...jsonOperators,
  ...datetimeOperators,
]

export const functions: readonly Overload[] = [
  ...generalFunctions,
  ...mathFunctions,
  ...textFunctions,
  ...jsonFunctions,
  ...datetimeFunctions,
  ...composedFunctions,
  ...patternInput,
]

const operatorsByName = indexByName(operators)
const functionsByName = indexByName(functions)

export function operatorOverloads(symbol: string): readonly Overload[] {
  return operatorsByName.get(symbol) ?? []
}

export function functionOverloads(name: string): readonly Overload[] {
  return functionsByName.get(name) ?? []
}

export function functionNames(): Iterable<string> {
  return functionsByName.keys()
}
