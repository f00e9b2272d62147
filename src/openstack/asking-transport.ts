import * as http from 'node:http';
import * as https from 'node:https';

type Answered = (response: http.IncomingMessage) => void;

/**
 * Node's own transport for one request, which asks once more when the connection stands: a request waits in this process
 * until then, and would leave with whatever is true no longer. `onRefusal` is told what `ask` threw; the request is
 * destroyed before a byte of it is written.
 */
export function askingTransport(
  url: string,
  ask: () => void,
  onRefusal: (refusal: { readonly reason: unknown }) => void,
): { readonly request: (options: https.RequestOptions, answered: Answered) => http.ClientRequest } {
  const isSecure = url.startsWith('https:');
  return {
    request(options, answered) {
      const request = isSecure ? https.request(options, answered) : http.request(options, answered);
      request.once('socket', (socket) => {
        // A kept connection stands already, and what was asked before the call is as new as this.
        if (!socket.connecting) return;
        // Else TLS sends what has gathered with the end of its handshake, before anybody hears of that.
        socket.cork();
        socket.prependOnceListener(isSecure ? 'secureConnect' : 'connect', () => {
          try {
            ask();
          } catch (reason) {
            onRefusal({ reason });
            request.destroy();
            socket.destroy();
            return;
          }
          socket.uncork();
        });
      });
      return request;
    },
  };
}
