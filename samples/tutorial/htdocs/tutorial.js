// What all pages share: the header with the light of the connection, the line for errors, the code beside the result.
import { highlight } from "./highlight.js";

const steps = [
  { file: "hello.html", name: "Hello" },
  { file: "stream.html", name: "A stream" },
  { file: "form.html", name: "A form" },
  { file: "binary.html", name: "Binary" },
  { file: "redis.html", name: "Redis" },
  { file: "chat.html", name: "A chat" },
];

const mark = `<svg viewBox="0 0 28 28" aria-hidden="true"><g fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round">
  <path d="M3 9h8a7 7 0 0 1 7 7v9"/><path d="M3 3h8a13 13 0 0 1 13 13v9" opacity=".45"/></g></svg>`;

const stateNames = { connecting: "Connecting…", open: "Connected", reconnecting: "Reconnecting…", closed: "Not connected" };

const current = steps.findIndex(({ file }) => location.pathname.endsWith(`/${file}`));

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

function station({ file, name }, index) {
  const here = index === current ? ' aria-current="page"' : "";
  return `<li><a href="${file}" title="${name}"${here}>${index + 1}<span>${name}</span></a></li>`;
}

const header = element(`<header class="top">
  <a class="mark" href="index.html">${mark} Ducts</a>
  <nav aria-label="Steps of the tutorial"><ol class="stations">${steps.map(station).join("")}</ol></nav>
  <output class="connection" id="connection" data-state="connecting">${stateNames.connecting}</output>
</header>`);

const problem = element(`<div class="problem" id="problem" role="alert" hidden>
  <p><strong id="problem-name"></strong> <span id="problem-text"></span></p>
  <button class="quiet" type="button" id="problem-close">Close</button>
</div>`);

const [light] = header.getElementsByClassName("connection");

function showState(state, detail = "") {
  light.dataset.state = state;
  light.textContent = stateNames[state] + detail;
}

/** Shows the reader an error. */
function fail(error) {
  problem.querySelector("#problem-name").textContent = error?.name ?? "Error";
  problem.querySelector("#problem-text").textContent = error?.message ?? String(error);
  problem.hidden = false;
}

function showOpen(duct) {
  const { latency } = duct;
  showState("open", latency > 0 ? ` · ${latency < 1 ? "under 1" : Math.round(latency)} ms` : "");
}

/** Shows a session's connection at the top of the page, and the source files the page names. */
function follow(duct) {
  showOpen(duct);
  duct.addEventListener("reconnecting", () => showState("reconnecting"));
  duct.addEventListener("reconnected", () => showOpen(duct));
  duct.addEventListener("closed", () => showState("closed"));
  duct.addEventListener("error", (event) => fail(event.detail));
  // The client measures every few seconds; the figure needs no more.
  setInterval(() => duct.state === "open" && showOpen(duct), 2000);
  for (const pre of document.querySelectorAll("pre[data-source]")) showSource(duct, pre);
}

async function showSource(duct, pre) {
  try {
    pre.innerHTML = highlight(await duct.call("SOURCE", { name: pre.dataset.source }));
  } catch (error) {
    pre.textContent = error.message;
  }
}

/** The page's own script is shown as it is. */
function showLesson() {
  const lesson = document.getElementById("lesson");
  const target = document.getElementById("lesson-source");
  if (!lesson || !target) return;
  const lines = lesson.textContent.replace(/^\n|\s+$/g, "").split("\n");
  const indent = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  target.innerHTML = highlight(lines.map((line) => line.slice(indent)).join("\n"));
}

function footer() {
  const previous = current > 0 ? steps[current - 1] : undefined;
  const next = steps[current + 1];
  const back = previous ? `<a class="button quiet" href="${previous.file}">← ${previous.name}</a>` : "";
  const on = next ? `<a class="button next" href="${next.file}">${current < 0 ? "Start with" : "Next:"} ${next.name} →</a>` : "";
  const home = next ? "" : `<a class="button next" href="index.html">All steps</a>`;
  return element(`<footer class="foot">${back}${on}${home}</footer>`);
}

document.body.prepend(element('<a class="skip" href="#content">Skip to the content</a>'), header, problem);
document.body.append(footer());
problem.querySelector("#problem-close").onclick = () => (problem.hidden = true);
showLesson();

// Whatever a page's script does not catch, the reader is told. Before there is a session it means that there is none.
function uncaught(error) {
  if (light.dataset.state === "connecting") {
    showState("closed");
    for (const pre of document.querySelectorAll("pre[data-source]")) pre.textContent = "Comes from the server, once connected.";
  }
  fail(error);
}

addEventListener("unhandledrejection", ({ reason }) => uncaught(reason));
addEventListener("error", ({ error, message }) => uncaught(error ?? message));

globalThis.page = { follow, fail };
