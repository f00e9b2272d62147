/** The parts of dbus-next that we use, which its own types leave out; see docs/decisions/0051-dbus.md. */
declare module 'dbus-next/lib/message.js' {
  interface RawMessage {
    type: number;
    flags?: number;
    serial: number;
    path?: string;
    interface?: string;
    member?: string;
    errorName?: string;
    replySerial?: number;
    destination?: string;
    sender?: string;
    signature?: string;
    body?: unknown[];
  }
  interface ByteSource {
    on(event: 'readable', listener: () => void): void;
    read(count: number): Buffer | null;
  }
  const message: {
    unmarshalMessages(source: ByteSource, onMessage: (message: RawMessage) => void, options: object): void;
  };
  export { RawMessage, ByteSource };
  export default message;
}

declare module 'dbus-next/lib/marshall-compat.js' {
  import type { RawMessage } from 'dbus-next/lib/message.js';

  const compat: {
    /** Changes and returns its argument. */
    messageToJsFmt(message: RawMessage): RawMessage;
    /** Changes its argument; the second part of the answer is file descriptors. */
    marshallMessage(message: RawMessage): [Buffer, unknown[]];
  };
  export default compat;
}
