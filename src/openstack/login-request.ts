import type { Credentials, Reference } from './credentials.ts';

/** The body of POST /v3/auth/tokens. It holds the secret: it goes nowhere but into that request. */
export function loginRequest(credentials: Credentials): object {
  const { login } = credentials;
  if (login.kind === 'password') {
    return {
      auth: {
        identity: { methods: ['password'], password: { user: { ...login.user, password: login.password } } },
        scope: { project: login.project },
      },
    };
  }
  const { credential, secret } = login;
  const named: { readonly id: string } | { readonly name: string; readonly user: Reference } =
    credential.by === 'id' ? { id: credential.id } : { name: credential.name, user: credential.user };
  return {
    auth: {
      identity: { methods: ['application_credential'], application_credential: { ...named, secret } },
    },
  };
}

/** What must not be shown, whoever says it. */
export function secretsOf(credentials: Credentials): readonly string[] {
  const { login } = credentials;
  return [login.kind === 'password' ? login.password : login.secret];
}
