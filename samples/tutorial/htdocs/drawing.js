// The drawing area of step 4: pointer and buttons on one side, the picture that came back on the other.
const { draw, pattern, clear, frame, dump } = Object.fromEntries(
  ["draw", "pattern", "clear", "frame", "dump"].map((id) => [id, document.getElementById(id)]),
);
const pen = draw.getContext("2d");

function blank() {
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, draw.width, draw.height);
}

function position(event) {
  const box = draw.getBoundingClientRect();
  return [((event.clientX - box.left) * draw.width) / box.width, ((event.clientY - box.top) * draw.height) / box.height];
}

function rosette() {
  blank();
  const middle = draw.width / 2;
  const turns = 3 + Math.floor(Math.random() * 7);
  pen.lineWidth = 2;
  for (let step = 0; step < 720; step++) {
    const angle = (step / 720) * 2 * Math.PI;
    const radius = middle * 0.9 * Math.abs(Math.cos(turns * angle));
    pen.strokeStyle = `hsl(${180 + 40 * Math.sin(angle * 3)} 70% ${35 + 25 * Math.cos(angle * 5)}%)`;
    pen.beginPath();
    pen.moveTo(middle, middle);
    pen.lineTo(middle + radius * Math.cos(angle), middle + radius * Math.sin(angle));
    pen.stroke();
  }
}

function hexDump(bytes) {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, 48); at += 8) {
    const row = [...bytes.subarray(at, at + 8)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex.padEnd(23)}  ${text}`);
  }
  return lines.join("\n");
}

function show(blob, bytes) {
  dump.textContent = hexDump(bytes);
  if (!blob.type.startsWith("image/")) {
    frame.innerHTML = "<span>Not a picture; its bytes are below</span>";
    return;
  }
  const picture = Object.assign(new Image(), { alt: "The picture as it came back", src: URL.createObjectURL(blob) });
  picture.onload = picture.onerror = () => URL.revokeObjectURL(picture.src);
  frame.replaceChildren(picture);
}

/** Calls `send` with a PNG of the drawing whenever a stroke ends; returns the function that shows what came back. */
export function drawing(send) {
  const sendPicture = () => draw.toBlob(send, "image/png");
  let last;

  draw.onpointerdown = (event) => {
    draw.setPointerCapture(event.pointerId);
    last = position(event);
  };
  draw.onpointermove = (event) => {
    if (!last) return;
    const next = position(event);
    Object.assign(pen, { lineWidth: 6, lineCap: "round", strokeStyle: "#0a6a70" });
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
  };
  draw.onpointerup = draw.onpointercancel = () => {
    if (last) sendPicture();
    last = undefined;
  };
  pattern.onclick = () => {
    rosette();
    sendPicture();
  };
  clear.onclick = blank;
  blank();
  return show;
}
