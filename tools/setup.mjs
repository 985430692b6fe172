// Makes a checkout ready: packages, native build, TypeScript build; each only when what it is made of
// has changed. Plain Node without dependencies, because it runs before there are any.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(root)

const nodeFloor = 20
const marks = '.rowtine/setup'

/** What the native build needs: a command that answers, and the Debian package that has it. */
const tools = [
  { command: 'g++', arguments: ['--version'], package: 'g++' },
  { command: 'make', arguments: ['--version'], package: 'make' },
  { command: 'python3', arguments: ['--version'], package: 'python3' },
]

checkNode()
installPackages()
buildNative()
buildTypeScript()

function checkNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < nodeFloor) fail(`Rowtine needs Node ${nodeFloor} or newer; this is ${process.versions.node}.`)
}

function installPackages() {
  once('packages', ['package.json', 'package-lock.json', '.npmrc'], existsSync('node_modules/better-sqlite3/build'), () => {
    needTools()
    say('installing npm packages (a minute the first time)')
    run('npm', existsSync('package-lock.json') ? ['ci', '--no-audit', '--no-fund'] : ['install', '--no-audit', '--no-fund'])
  })
}

function buildNative() {
  const sources = filesBelow('native-kernels/src').filter((path) => /\.(cc|h|def)$/.test(path) && !/_(test|stress|bench|fuzz)\.cc$/.test(path))
  once('native', [...sources, 'binding.gyp', 'package-lock.json'], existsSync('build/Release/rowtine.node'), () => {
    needTools()
    say('building the native core')
    const compilers = answers('ccache', ['--version']) ? { CC: 'ccache gcc', CXX: 'ccache g++' } : {}
    run('node', [nodeGyp(), 'configure', 'build', '-j', 'max', '--silent', ...headers()], compilers)
  })
}

function buildTypeScript() {
  const folders = ['base', 'sql', 'planner', 'engine']
  const sources = [...folders.flatMap(filesBelow), ...readdirSync('native-kernels').map((name) => `native-kernels/${name}`)]
    .filter((path) => path.endsWith('.ts') && !/\.(test|bench)(-d)?\.ts$/.test(path))
  once('typescript', [...sources, 'tsconfig.json', 'tsconfig.build.json', 'package.json'], existsSync('dist/engine'), () => {
    say('building TypeScript')
    run('node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
  })
}

/** Runs `make` unless the files are as they were when it last succeeded. */
function once(name, files, isThere, make) {
  const hash = hashOf(files)
  const mark = join(marks, name)
  if (isThere && existsSync(mark) && readFileSync(mark, 'utf8') === hash) return
  make()
  mkdirSync(marks, { recursive: true })
  writeFileSync(mark, hash)
}

function hashOf(files) {
  const hash = createHash('sha256').update(process.versions.modules).update(process.arch)
  for (const file of [...files].sort()) {
    if (existsSync(file) && statSync(file).isFile()) hash.update(file).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name))
}

/** Installs missing system packages where it may; else names them and ends. */
function needTools() {
  const missing = tools.filter(({ command, arguments: args }) => !answers(command, args)).map((tool) => tool.package)
  if (missing.length === 0) return
  const isRoot = process.getuid?.() === 0
  if (isRoot && answers('apt-get', ['--version'])) {
    say(`installing ${missing.join(', ')}`)
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', ...missing], { DEBIAN_FRONTEND: 'noninteractive' })
    return
  }
  fail(`The native build needs ${missing.join(', ')}. Install with:\n\n  sudo apt-get install ${missing.join(' ')}\n`)
}

/** Node's own headers where its installation has them: nothing is downloaded then. */
function headers() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : []
}

/** npm brings its own node-gyp. */
function nodeGyp() {
  const npm = spawnSync('npm', ['root', '-g'], { encoding: 'utf8', shell: false }).stdout?.trim() ?? ''
  const places = [join(npm, 'npm/node_modules/node-gyp/bin/node-gyp.js'), 'node_modules/node-gyp/bin/node-gyp.js']
  const found = places.find((place) => existsSync(place))
  if (found === undefined) fail('npm has no node-gyp here. Install with:\n\n  npm install --save-dev node-gyp\n')
  return found
}

function answers(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function run(command, args, environment = {}) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...environment } })
  if (status !== 0) fail(`${command} ${args.slice(0, 2).join(' ')} failed; see above.`)
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`)
}

function fail(text) {
  process.stderr.write(`${text}\n`)
  process.exit(1)
}
