/** Loaded before lifeboatd: something that keeps its process alive, as a socket or a timer does. */
setInterval(() => undefined, 1_000);
