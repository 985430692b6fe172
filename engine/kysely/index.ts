// The door of `rowtine/kysely`.
export { RowtineDialect } from './dialect.ts'
