export { connect } from "./connect.js";
export { DuctsSession } from "./ductsSession.js";
export { DuctsStream } from "./ductsStream.js";
export { DuctsError, DuctsNotAuthorizedError } from "./ductsError.js";
export type { CallOptions, StreamOptions } from "./callOptions.js";
export type { ConnectOptions } from "./connectOptions.js";
export type { ReconnectOptions } from "./reconnectOptions.js";
export type { ServiceDiscovery } from "./serviceDiscovery.js";
export type { MessageHandler, MessageInfo } from "./messageInfo.js";
export type { CloseDetail, ReconnectedDetail, SessionEventMap, SessionState } from "./sessionEvents.js";
export type { WebSocketConstructor } from "./webSocketLike.js";

// For pages written for the original browser client.
export { ConnectionEventListener } from "./compat/connectionEventListener.js";
export { Duct } from "./compat/duct.js";
export { DuctConnectionEvent } from "./compat/ductConnectionEvent.js";
export { DuctEvent, DuctMessageEvent } from "./compat/ductEvent.js";
export { DuctEventListener } from "./compat/ductEventListener.js";
export { DuctError } from "./compat/ductError.js";
export { DuctLoopResponseQueue } from "./compat/ductLoopResponseQueue.js";
export { State } from "./compat/state.js";
