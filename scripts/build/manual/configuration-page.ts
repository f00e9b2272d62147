import type { z } from 'zod';
import { sectionsOf, type DocumentedKey } from '../../../src/config/documentation.ts';
import { yamlValue } from '../../../src/config/example.ts';
import { item, paragraph, section, subsection, type ManualPage, type ManualPart } from './roff.ts';

export interface ConfigurationFile {
  /** The page's name, which is the file's: lifeboat.yaml. */
  readonly name: string;
  readonly path: string;
  readonly schema: z.ZodObject;
  /** What checks an edited one, and which variable names another. */
  readonly intro: readonly string[];
  readonly seeAlso: string;
}

/** The page of a configuration file, from the schema that checks it. */
export function configurationPage(file: ConfigurationFile, version: string): ManualPage {
  return {
    name: file.name,
    section: 5,
    summary: `configuration of Lifeboat in ${file.path}`,
    version,
    parts: [
      section('Description'),
      paragraph('The file is YAML. Every key may be left out; one that is not named here is refused.'),
      ...file.intro.map(paragraph),
      section('Keys'),
      ...sectionsOf(file.schema).flatMap(({ name, text, keys }) => [
        subsection(name === '' ? 'At the top of the file' : `${name}:`),
        paragraph(text),
        ...keys.map(keyItem),
      ]),
      section('See also'),
      paragraph(file.seeAlso),
    ],
  };
}

function keyItem({ path, text, accepts, defaultValue, example }: DocumentedKey): ManualPart {
  const byDefault = defaultValue === undefined ? 'none' : yamlValue(defaultValue);
  const shown = example === undefined ? '' : ` Example: \`${example}\`.`;
  return item(path.join('.'), `${text} Accepts ${accepts}. Default: \`${byDefault}\`.${shown}`);
}
