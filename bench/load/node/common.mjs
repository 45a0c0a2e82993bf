// What the two servers of Node have in common: the numbers of the scenarios and how they are started.
export const BLOB = Buffer.alloc(10 * 1024 * 1024);
export const PORT = Number(process.argv[2]);
export const HOST = "127.0.0.1";

export function ready() {
  console.log("READY");
}

// Sends count items and lets the socket drain between batches, so that memory stays bounded.
export async function sendItems(count, send, buffered) {
  for (let i = 0; i < count; i++) {
    send(i);
    if (buffered() > 1 << 20) {
      while (buffered() > 1 << 16) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
}
