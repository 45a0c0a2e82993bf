// The list of messages of step 6.
const messages = document.getElementById("messages");
const author = document.getElementById("author");
const animals = ["Heron", "Otter", "Marten", "Plover", "Lynx", "Wren", "Badger", "Tern"];

author.value = sessionStorage.getItem("author") ?? animals[Math.floor(Math.random() * animals.length)];
author.onchange = () => sessionStorage.setItem("author", author.value);
author.onchange();

/** Adds one line, `{ name, text }`, and keeps the newest in sight unless the reader has scrolled away. */
export function show({ name, text }) {
  const atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 40;
  const line = document.createElement("li");
  line.dataset.name = name;
  line.className = name === author.value ? "mine" : name === "bot" ? "bot" : "";
  line.append(Object.assign(document.createElement("b"), { textContent: name }), text);
  messages.append(line);
  while (messages.childElementCount > 200) messages.firstElementChild.remove();
  if (atEnd) messages.scrollTop = messages.scrollHeight;
}
