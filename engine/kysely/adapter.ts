// What Kysely may expect of the dialect.
import { DialectAdapterBase } from 'kysely'

export class RowtineAdapter extends DialectAdapterBase {
  override get supportsReturning(): boolean {
    return true
  }

  /** Definitions take effect one by one. */
  override get supportsTransactionalDdl(): boolean {
    return false
  }

  /** A data directory belongs to one process, and Kysely's migrator runs one migration at a time in it. */
  override async acquireMigrationLock(): Promise<void> {
    await Promise.resolve()
  }

  override async releaseMigrationLock(): Promise<void> {
    await Promise.resolve()
  }
}
