// Socket.IO 4, WebSockets only, with acknowledgements as replies.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { BLOB, HOST, PORT, ready, sendItems } from "./common.mjs";

const HOUR = 3600_000;
const http = createServer();
// Its pings are as rare as those of the others while they are measured.
const io = new Server(http, { transports: ["websocket"], serveClient: false, pingInterval: HOUR, pingTimeout: HOUR });

io.on("connection", (socket) => {
  socket.on("echo", (data, reply) => reply(data));
  socket.on("record", (item, reply) => reply({ ...item, stock: item.stock - 1 }));
  socket.on("count", async (count, reply) => {
    await sendItems(count, (i) => socket.emit("item", i), () => socket.conn.transport.socket.bufferedAmount);
    reply(null);
  });
  socket.on("follow", () => socket.join("followers"));
  socket.on("say", (text, reply) => {
    io.to("followers").emit("item", text);
    reply(text);
  });
  socket.on("blob", (reply) => reply(BLOB));
});
http.listen({ host: HOST, port: PORT, backlog: 4096 }, ready);
