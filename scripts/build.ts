/**
 * npm run build: makes dist/, laid out as installed. To install on a node:
 * cp -r --remove-destination dist/. / (a program that runs cannot be overwritten in place)
 */
import { resolve } from 'node:path';
import { buildLayout } from './build/layout.ts';

const repository = resolve(import.meta.dirname, '..');
const began = performance.now();
await buildLayout({ repository, outDirectory: `${repository}/dist` });
console.log(`dist/ is ready (${Math.round(performance.now() - began)} ms); lay it over / to install`);
