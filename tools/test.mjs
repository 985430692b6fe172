// Runs every kind of test, one after the other, and ends with one line that counts them all.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'))

let passed = 0
let failed = 0

if (has('cmake')) nativeTests()
else process.stderr.write('native tests need cmake: sudo apt-get install cmake\n')
models()
typeScriptTests()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)

function nativeTests() {
  section('native')
  mkdirSync('build/native', { recursive: true })
  const built =
    run('cmake', ['-S', 'native-kernels', '-B', 'build/native', '-DCMAKE_BUILD_TYPE=RelWithDebInfo']) &&
    run('cmake', ['--build', 'build/native', '-j', String(cpus().length)])
  if (!built) return count(0, 1)
  const { stdout } = spawnSync('ctest', ['--test-dir', 'build/native', '--output-on-failure', '--timeout', '300'], { encoding: 'utf8' })
  process.stdout.write(stdout)
  const match = /(\d+)% tests passed, (\d+) tests failed out of (\d+)/.exec(stdout)
  if (match === null) return count(0, 1)
  count(Number(match[3]) - Number(match[2]), Number(match[2]))
}

function models() {
  if (!existsSync('native-kernels/model/check.sh')) return
  section('models')
  if (run('bash', ['native-kernels/model/check.sh'])) count(1, 0)
  else count(0, 1)
}

function typeScriptTests() {
  section('TypeScript')
  const report = '.rowtine/vitest.json'
  const { status } = spawnSync('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], { stdio: 'inherit' })
  if (!existsSync(report)) return count(0, 1)
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
  count(numPassedTests, numFailedTests + (status !== 0 && numFailedTests === 0 ? 1 : 0))
}

function count(more, wrong) {
  passed += more
  failed += wrong
}
function section(name) {
  console.log(`\n── ${name} ──`)
}
function has(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}
function run(command, args) {
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0
}
