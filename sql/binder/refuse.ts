// Statements that LANGUAGE.md has and nothing here binds yet: refused by name.
import type { EngineError } from '#base/engine-error'
import { featureNotSupported } from '#base/errors'
import type * as ast from '#sql/ast'

const features: Partial<Record<ast.Statement['kind'], string>> = {
  create_table_as: 'CREATE TABLE AS is',
  create_device: 'CREATE DEVICE is',
  create_schema: 'CREATE SCHEMA is',
  create_enum: 'CREATE TYPE is',
  create_function: 'CREATE FUNCTION is',
  alter_table: 'ALTER TABLE is',
  rename: 'ALTER … RENAME is',
  comment: 'COMMENT ON is',
  truncate: 'TRUNCATE is',
  copy: 'COPY is',
  transaction: 'transaction blocks are',
  prepare: 'PREPARE is',
  execute: 'EXECUTE is',
  deallocate: 'DEALLOCATE is',
  set: 'SET is',
  show: 'SHOW is',
  subscribe: 'SUBSCRIBE is',
}

export function refused(statement: ast.Statement): EngineError {
  return featureNotSupported(features[statement.kind] ?? 'this statement is', statement.span)
}
