// The peer for scale: a room broadcast with the npm package `ws` that neither checks nor stores.
const { WebSocketServer } = require("ws");
const rooms = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });

server.on("listening", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
server.on("connection", (socket, request) => {
  const path = request.url;
  if (!rooms.has(path)) rooms.set(path, new Set());
  const room = rooms.get(path);
  room.add(socket);
  socket.on("message", (data) => {
    for (const other of room) other.send(data, { binary: false });
  });
  socket.on("close", () => room.delete(socket));
});
