/** What is needed to log in, whatever it was read from. Never log one: it holds a secret. */
export interface Credentials {
  /** Without `/v3` and without a trailing slash. */
  readonly authUrl: string;
  readonly login: Login;
  /** Undefined: whichever region offers the service, if only one does. */
  readonly region: string | undefined;
  readonly interface: EndpointInterface;
  readonly tls: TlsTrust;
}

export type EndpointInterface = 'public' | 'internal' | 'admin';

export type TlsTrust =
  | { readonly kind: 'system' }
  | { readonly kind: 'ca-file'; readonly path: string; readonly pem: string }
  /** The operator asked for it in so many words (verify: false, OS_INSECURE). */
  | { readonly kind: 'unverified' };

export type Login =
  | { readonly kind: 'password'; readonly user: UserReference; readonly password: string; readonly project: Reference }
  | { readonly kind: 'application-credential'; readonly credential: CredentialReference; readonly secret: string };

export type CredentialReference =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'name'; readonly name: string; readonly user: UserReference };

export type Domain = { readonly id: string } | { readonly name: string };

/** A user or project, by id or by name within a domain. */
export type Reference = { readonly id: string } | { readonly name: string; readonly domain: Domain };
export type UserReference = Reference;
