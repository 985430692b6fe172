// Statements that LANGUAGE.md has and nothing here binds yet: refused by name.
import type { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'

const features: Partial<Record<ast.Statement['kind'], string>> = {
  create_device: 'CREATE DEVICE is not supported',
  create_schema: 'CREATE SCHEMA is not supported',
  create_enum: 'CREATE TYPE is not supported',
  create_function: 'CREATE FUNCTION is not supported',
  comment: 'COMMENT ON is not supported',
  copy: 'COPY within other statements is not supported',
  transaction: 'transaction blocks are not supported',
  prepare: 'PREPARE inside of another statement is not supported',
  execute: 'EXECUTE inside of another statement is not supported',
  deallocate: 'DEALLOCATE inside of another statement is not supported',
  set: 'SET is not supported',
  show: 'SHOW is not supported',
  subscribe: 'SUBSCRIBE is not supported',
}

export function refused(statement: ast.Statement): EngineError {
  return featureNotSupported(
    features[statement.kind] ?? 'this statement is not supported',
    statement.span,
  )
}
