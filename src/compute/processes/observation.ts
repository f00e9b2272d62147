/** What one look at a process says of it; the sentence is for the log and for operators, without the name of the process. */
export type Observation =
  | { readonly kind: 'runs' }
  /** Neither well nor failed yet: it starts, ends, is restarted by whoever runs it, or was missed once. */
  | { readonly kind: 'between'; readonly sentence: string }
  /** Not running, as somebody wants it: no failure. */
  | { readonly kind: 'stopped'; readonly sentence: string }
  /** Nothing by that name is on this host. */
  | { readonly kind: 'absent'; readonly sentence: string }
  | { readonly kind: 'failed'; readonly sentence: string }
  /** It could not be looked at: says nothing about the process. */
  | { readonly kind: 'unknown'; readonly sentence: string };
