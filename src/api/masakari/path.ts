/** The parts of the address after /v1; undefined when it is not well formed. */
export function pathOf({ pathname }: URL): readonly string[] | undefined {
  try {
    const parts = pathname.split('/').slice(2).map(decodeURIComponent);
    const last = parts.at(-1);
    if (last === '') parts.pop();
    // The original takes a format at the end of any address, and answers JSON whatever it is.
    else if (last !== undefined) parts[parts.length - 1] = last.replace(/\.(json|xml)$/, '');
    return parts;
  } catch {
    return undefined;
  }
}
