const $ = (id) => document.getElementById(id);
const names = { connecting: "Connecting…", open: "Connected", reconnecting: "Reconnecting…", closed: "Not connected" };

addEventListener("unhandledrejection", ({ reason }) => ($("problem").textContent = reason.message));
addEventListener("error", ({ message }) => ($("problem").textContent = message));

// The client's sockets, so that the page can cut one: a real one is cut by tunnels, sleep, or a proxy.
let socket;
class Cuttable extends WebSocket {
  constructor(...parts) {
    super(...parts);
    socket = this;
  }
}

// Where the session lives, and what the page has had of it: with a new life, that is what is lost.
let here = "";
let count = 0;
let memory = 0;
let life = 0;

const duct = new ducts.DuctsSession("/ducts/wsd", { WebSocket: Cuttable, reconnect: { maxDelay: 1000 } });

duct.onreconnecting = ({ code }) => {
  show("reconnecting");
  tell(`The connection is lost (${code}). What is asked for meanwhile waits.`);
};

duct.onreconnected = async ({ fresh }) => {
  show("open");
  const before = here;
  const lost = { count, memory };
  // The streams of the life before have ended with it.
  if (fresh) begin();
  await locate();
  if (fresh) {
    tell(`The session began anew at node ${here}. Lost with node ${before}: the stream, which stood at ${lost.count}, and ${lost.memory} calls counted in its memory.`, "bad");
  } else {
    tell(`The session went on at node ${here}. Nothing is lost.`, "good");
  }
};

duct.onclosed = ({ code, reason }) => {
  show("closed");
  tell(`The session is over (${code} ${reason}). Reload the page for another.`, "bad");
};

$("cut").onclick = () => socket.close();

$("kill").onclick = async () => {
  tell(`Node ${here} is told to die.`);
  // It dies before it can answer.
  await duct.call("DIE").catch(({ message }) => tell(`A call was rejected: ${message}`, "bad"));
};

$("add").onclick = async () => {
  try {
    const { inMemory, inRedis } = await duct.call("ADD");
    $("memory").textContent = memory = inMemory;
    $("redis").textContent = inRedis;
  } catch ({ message }) {
    tell(`A call was rejected: ${message}`, "bad");
  }
};

await duct.open();
show("open");
begin();
await locate();
tell(`The session began at node ${here}.`, "good");

/** Asks for everything that a life of the session has. */
function begin() {
  life++;
  memory = 0;
  $("memory").textContent = "–";
  void follow("COUNT", (n) => {
    $("count").textContent = count = n;
    $("stream").textContent = `Without a gap since this life of the session began (it is its ${life === 1 ? "first" : `life number ${life}`}).`;
  });
  void follow("NODES", showNodes);
}

/** Reads a stream to its end, which comes with the session's life. */
async function follow(event, take) {
  const own = life;
  try {
    for await (const item of duct.stream(event)) if (own === life) take(item);
  } catch {
    if (own === life && duct.state !== "open") $("stream").textContent = "The stream has ended with its node.";
  }
}

async function locate() {
  ({ name: here } = await duct.call("NODE"));
}

function showNodes(nodes) {
  $("nodes").replaceChildren(...nodes.map(({ name, lives, pid, sessions }) => {
    const item = document.createElement("li");
    item.dataset.node = name;
    item.dataset.pid = pid;
    item.className = name === here ? "here" : lives ? "" : "dead";
    item.append(element("b", name), element("span", lives ? `${sessions} ${sessions === 1 ? "session" : "sessions"}` : "dead"));
    if (lives) item.append(element("span", `kill -9 ${pid}`));
    if (name === here) item.append(element("em", "this page"));
    return item;
  }));
}

function show(state) {
  $("connection").dataset.state = state;
  $("connection").textContent = names[state];
  for (const id of ["cut", "kill", "add"]) $(id).disabled = state !== "open";
}

function tell(text, kind = "") {
  const item = document.createElement("li");
  item.className = kind;
  item.append(element("time", new Date().toLocaleTimeString([], { hour12: false })), element("span", text));
  $("log").prepend(item);
}

function element(name, text) {
  return Object.assign(document.createElement(name), { textContent: text });
}
