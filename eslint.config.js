// Type-checked rules that find bugs (floating promises above all); layout is not linted.
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'node_modules/', 'bench/peers/', '.rowtine/', '**/*.gen.ts', 'tools/*.ts', '*.config.ts'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/require-await': 'off', // an interface may promise what an implementation has at once
      '@typescript-eslint/no-unnecessary-type-assertion': 'off', // layout, and often what a reader wants to see
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // The plain twins turn SQL values of every kind into text, as their casts say.
    files: ['native-kernels/**', 'test/**', 'bench/**'],
    rules: { '@typescript-eslint/no-base-to-string': 'off' },
  },
  {
    files: ['base/**', 'sql/**', 'planner/**', 'engine/**'],
    ignores: ['**/*.test.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'error' },
  },
)
