import { expect, it } from 'vitest';
import { createScreen } from '../../../scripts/demo/screen.ts';
import { showConfiguration } from '../../../scripts/demo/views.ts';

it('the demo shows the configuration without the password', () => {
  let shown = '';
  showConfiguration(createScreen({ write: (text) => (shown += text), colours: false }));
  expect(shown).toContain('password: (hidden)\n');
  expect(shown).toContain('username: admin\n');
  expect(shown).not.toContain('secret');
});
