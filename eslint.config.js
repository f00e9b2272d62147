import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'packages/', 'node_modules/', 'coverage/', 'test/**/golden/'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
    },
  },
  {
    // Deciding is pure: the clock, chance and the environment come in from the edges (docs/decisions/0003).
    files: [
      'src/crm/**/*.ts',
      'src/bridge/**/*.ts',
      'src/engine/**/*.ts',
      'src/openstack/**/*.ts',
      'src/compute/**/*.ts',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'take the Clock from the constructor' },
        { object: 'Math', property: 'random', message: 'take Randomness from the constructor' },
        { object: 'process', property: 'env', message: 'read the environment only at the edges' },
      ],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate'],
    },
  },
  { files: ['*.js'], ...tseslint.configs.disableTypeChecked },
);
