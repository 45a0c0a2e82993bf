// A page of the field, run with whichever library the page has loaded as "ducts"; its result is the test's.
async () => {
  const duct = new ducts.Duct();
  await duct.open("/ducts/wsd");

  const outcome = (promise) => promise.then((value) => ({ value }), (error) => ({ error: error?.message ?? error }));
  const read = async (queue) => {
    const items = [];
    for (let item = await queue.dequeue(); item !== null; item = await queue.dequeue()) items.push(item);
    return items;
  };

  const seen = [];
  const handled = new Promise((resolve) => {
    duct.setEventHandler(duct.EVENT.FAIL, (rid, eid, data) => {
      seen.push([eid, data]);
      resolve();
    });
  });
  duct.send(duct.nextRid(), duct.EVENT.FAIL, { name: "ValueError", message: "seen" });
  await handled;

  const length = 10 * 1024 * 1024;
  const bytes = await duct.call(duct.EVENT.BIG, { length });
  const wrong = Array.prototype.filter.call(bytes, (byte, i) => byte !== ((i * 31 + (i >> 16)) & 255)).length;
  const empty = await duct.call(duct.EVENT.NONE);
  const result = {
    state: duct.state,
    echo: await duct.call(duct.EVENT.ECHO, { text: "grüße 🎈", list: [1, -1, 1.5, true, null] }),
    overlong: await duct.call(duct.EVENT.DESCRIBE, "\u0500\u0561\u07ff"),
    nan: await duct.call(duct.EVENT.DESCRIBE, NaN),
    seen,
    ten: await read(await duct.call(duct.EVENT.TEN)),
    none: [await empty.dequeue(), await empty.dequeue()],
    refused: await outcome(duct.call(duct.EVENT.REFUSE, { upTo: -1 })),
    unknown: await outcome(duct.call(4711, [])),
    big: { length: bytes.length, wrong },
  };
  const closed = await duct.close();
  result.closed = [closed.code, closed.wasClean];
  return JSON.stringify(result);
}
