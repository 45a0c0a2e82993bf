// ws and @msgpack/msgpack, speaking the same messages as Ducts does.
import { decode, encode } from "@msgpack/msgpack";
import { WebSocketServer } from "ws";
import { BLOB, HOST, PORT, ready, sendItems } from "./common.mjs";

const [START, NEXT, END] = [1, 2, 3];
const followers = new Map();

const events = {
  1000: (socket, rid, eid, data) => socket.send(encode([rid, eid, data])),
  1001: (socket, rid, eid, data) => socket.send(encode([rid, eid, data])),
  1002: (socket, rid, eid, data) => socket.send(encode([rid, eid, { ...data, stock: data.stock - 1 }])),
  1003: async (socket, rid, eid, count) => {
    await sendItems(
      count,
      (i) => socket.send(encode([rid, i === 0 ? START : NEXT, [rid, eid, i]])),
      () => socket.bufferedAmount,
    );
    socket.send(encode([rid, END, [rid, eid, null]]));
  },
  1004: (socket, rid) => followers.set(socket, rid),
  1005: (socket, rid, eid, text) => {
    for (const [follower, id] of followers) follower.send(encode([id, NEXT, [id, 1004, text]]));
    socket.send(encode([rid, eid, text]));
  },
  1006: (socket, rid, eid) => socket.send(encode([rid, eid, BLOB])),
};

const server = new WebSocketServer({ host: HOST, port: PORT, perMessageDeflate: false, backlog: 4096 }, ready);
server.on("connection", (socket) => {
  socket.on("message", (bytes) => {
    const [rid, eid, data] = decode(bytes);
    events[eid](socket, rid, eid, data);
  });
  socket.on("close", () => followers.delete(socket));
  socket.on("error", () => followers.delete(socket));
});
