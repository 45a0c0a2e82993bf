// A TCP proxy that cuts a connection after so many bytes from the server.
const net = require("net");

class CuttingProxy {
  static async to(address) {
    const { hostname, port } = new URL(address);
    const proxy = new CuttingProxy();
    proxy.cutAfter = Infinity;
    proxy.server = net.createServer((client) => serve(client, net.connect(Number(port), hostname), proxy.cutAfter));
    await new Promise((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    proxy.address = `http://127.0.0.1:${proxy.server.address().port}/`;
    return proxy;
  }

  close() {
    this.server.close();
  }
}

function serve(client, server, cutAfter) {
  let rest = cutAfter;
  client.setNoDelay(true);
  server.setNoDelay(true);
  server.on("data", (bytes) => {
    if (rest <= 0) return;
    if (bytes.length < rest) client.write(bytes);
    else {
      client.write(bytes.subarray(0, rest), () => client.destroy());
      server.resetAndDestroy();
    }
    rest -= bytes.length;
  });
  client.on("data", (bytes) => server.write(bytes));
  for (const [one, other] of [[client, server], [server, client]]) {
    one.on("error", () => {});
    one.on("close", () => {
      if (one === client || rest > 0) other.destroy();
    });
  }
}

module.exports = { CuttingProxy };
