/** The catalog names the root (kolla), /v1, or /v1 with a project; so may an operator. With /v1 it can be asked. */
export function versioned(endpoint: string): string {
  const bare = endpoint.replace(/\/+$/, '');
  return /\/v1(\/[^/]+)?$/.test(bare) ? bare : `${bare}/v1`;
}
