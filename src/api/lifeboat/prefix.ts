export const OWN_PREFIX = '/lifeboat/v1';
