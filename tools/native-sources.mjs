// Prints the sources of the addon, one a line: every .cc of the core and the binding, without tests.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const apart = /_(test|stress|bench|fuzz)\.cc$/
for (const entry of readdirSync('native-kernels/src', { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name)
  if (entry.isFile() && path.endsWith('.cc') && !apart.test(path)) console.log(path)
}
