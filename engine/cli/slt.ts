// `rowtine slt`: runs sqllogictest files, each on a database of its own.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open } from '../index.ts'
import { parseSlt } from '../slt/parse.ts'
import { runSlt } from '../slt/run.ts'

/** Returns the exit code: 1 when anything failed. */
export async function slt(paths: readonly string[]): Promise<number> {
  let passed = 0
  let failed = 0
  for (const file of paths.flatMap(filesOf)) {
    const outcome = await runFile(file)
    passed += outcome.passed
    failed += outcome.failures.length
    for (const { line, sql, message } of outcome.failures) process.stdout.write(`${file}:${line}: ${message}\n${sql}\n\n`)
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  return failed > 0 ? 1 : 0
}

async function runFile(file: string): ReturnType<typeof runSlt> {
  const database = await open()
  try {
    return await runSlt(database, parseSlt(readFileSync(file, 'utf8')))
  } catch (error) {
    return { passed: 0, failures: [{ line: 0, sql: '', message: String(error) }] }
  } finally {
    await database.close()
  }
}

/** A folder stands for the test files below it, in order of their names. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(slt|slt_slow|test|test_slow|sqllogic|sqllogictest)(\.part)?$/.test(name))
    .sort()
    .map((name) => join(path, name))
}
