/** What the client needs of a WebSocket: the browser's, Node's own from version 22 on, or that of package `ws`. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  // The event types of browsers and of `ws` differ; only the members named in socket.ts are used.
  onopen: ((event: any) => any) | null;
  onmessage: ((event: any) => any) | null;
  onerror: ((event: any) => any) | null;
  onclose: ((event: any) => any) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** A class such as `WebSocket`. */
export type WebSocketConstructor = new (url: string) => any;
