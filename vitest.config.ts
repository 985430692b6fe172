// Tests run the TypeScript sources (the `source` condition of package.json's imports). One process per
// file: a crash of native code is one red line.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['{base,sql,planner,native-kernels,engine,examples,bench,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'bench/peers/**'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
