// Drives a session of the TypeScript client in a page, as node/exact.mjs does in Node.js. What is planted, the test has to find.
async ([kind, seed, run, planted]) => {
  const [ducts, { drive }] = await Promise.all([import("/static/ducts.mjs"), import("/static/exactSession.mjs")]);
  // Some of the messages with a number, which are the longer ones.
  let count = 0;
  const isChosen = ({ data }) => data instanceof ArrayBuffer && data.byteLength > 100 && ++count % 7 === 3;

  class FaultySocket extends WebSocket {
    constructor(...address) {
      super(...address);
      // Before the client listens.
      this.addEventListener("message", (event) => {
        if (!isChosen(event)) return;
        if (planted === "lost") event.stopImmediatePropagation();
        else this.dispatchEvent(new MessageEvent("message", { data: event.data }));
      });
    }
  }

  // A browser makes sockets wait that have failed before, for up to five seconds.
  const platform = { ducts, WebSocket: planted ? FaultySocket : WebSocket, connectTimeout: 8000, patience: planted ? 3000 : undefined };
  return JSON.stringify(await drive(platform, kind, `${location.origin}/`, run, seed));
}
