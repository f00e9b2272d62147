import type { Credentials } from './credentials.ts';
import { credentialsFrom } from './settings.ts';
import type { ReadText, Settings } from './settings.ts';

/** Older names that openrc files still use. */
const ALIASES: Readonly<Record<string, string>> = {
  OS_TENANT_NAME: 'project_name',
  OS_TENANT_ID: 'project_id',
  OS_ENDPOINT_TYPE: 'interface',
};

/** Credentials from OS_* variables, given as a record. Throws CONFIG_INVALID that names the variable. */
export async function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  readText: ReadText,
): Promise<Credentials> {
  const settings: Record<string, string> = {};
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || value === '' || !variable.startsWith('OS_')) continue;
    const field = ALIASES[variable] ?? variable.slice('OS_'.length).toLowerCase();
    // A variable under its present name wins over its older one, whichever comes first.
    if (ALIASES[variable] === undefined || settings[field] === undefined) settings[field] = value;
  }
  const spell = (field: string): string => `OS_${field.toUpperCase()}`;
  return credentialsFrom(settings satisfies Settings, { name: 'the environment', spell }, readText);
}
