const GROUP = "sample";
const BLOBS = "/ducts/api/v1/blobs/";
const PIECE = 512 * 1024;

const $ = (id) => document.getElementById(id);
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

// A directory of the tree: its path, and the key of the content that it is. Paths begin at the content "/" of the group.
const root = { path: "/", contentKey: "/" };
let folder = root;
let selected;

const duct = await ducts.connect("/ducts/wsd").catch(report);

async function prepare() {
  if (!(await duct.call("BLOBS_GROUP_EXISTS", GROUP))) {
    await unlessThere(duct.call("BLOBS_GROUP_ADD", GROUP));
    await unlessThere(duct.call("BLOBS_CONTENT_ADD_DIR", { group_key: GROUP, content_key: "/" }));
  }
  await showTree();
}

// Another page may have been faster.
async function unlessThere(call) {
  await call.catch((error) => {
    if (error.name !== "KeyError") throw error;
  });
}

function report(error) {
  $("problem").textContent = error.message;
  console.info(error);
}

// Sends a file piece by piece, and makes it a content, or a new version of one.
async function upload(file, into) {
  const bar = element("progress", { max: file.size || 1, value: 0 });
  const line = element("li", {}, file.name, bar);
  $("uploads").append(line);
  try {
    const buffer = await duct.call("BLOBS_BUFFER_OPEN");
    for (let start = 0; start < file.size; start += PIECE) {
      const piece = new Uint8Array(await file.slice(start, start + PIECE).arrayBuffer());
      bar.value = await duct.call("BLOBS_BUFFER_APPEND", { buffer_id: buffer, buffer_data: piece });
    }
    const content = {
      group_key: GROUP,
      buffer_key: buffer,
      content_key: into.path + file.name,
      last_modified: Math.floor(file.lastModified / 1000),
    };
    if (await duct.call("BLOBS_CONTENT_EXISTS", [GROUP, content.content_key])) {
      await duct.call("BLOBS_CONTENT_UPDATE_BY_BUFFER", content);
    } else {
      await duct.call("BLOBS_CONTENT_ADD_BY_BUFFER", content);
      await addFile(into, file.name, content.content_key);
    }
    await showTree();
    await show({ name: file.name, contentKey: content.content_key });
  } catch (error) {
    report(new Error(`${file.name}: ${error.message}`));
  } finally {
    line.remove();
  }
}

const addFile = (into, filename, contentKey) =>
  duct.call("BLOBS_DIR_ADD_FILES", { group_key: GROUP, content_key: into.contentKey, files: [{ filename, content_key: contentKey }] });

async function createFolder(name) {
  const contentKey = `${folder.path}${name}/`;
  await duct.call("BLOBS_CONTENT_ADD_DIR", { group_key: GROUP, content_key: contentKey });
  await addFile(folder, name, contentKey);
  await showTree();
}

async function showTree() {
  $("tree").replaceChildren(await branch(root, "/"));
  $("folder").textContent = folder.path;
}

// The files of a directory, with those of the directories in it.
async function branch(directory, name) {
  const files = await duct.call("BLOBS_DIR_LIST_FILES", [GROUP, directory.contentKey]);
  const names = Object.keys(files).filter((each) => each !== ".").sort();
  const choose = element("button", { textContent: `📁 ${name}`, onclick: () => run(async () => { folder = directory; await showTree(); }) });
  if (directory.path === folder.path) choose.setAttribute("aria-current", "true");
  const items = await Promise.all(names.map((each) => {
    const { content_key: contentKey, is_dir: isDirectory } = files[each];
    if (isDirectory === "1") return branch({ path: `${directory.path}${each}/`, contentKey }, each);
    return element("li", {}, element("button", { textContent: `📄 ${each}`, onclick: () => run(() => show({ name: each, contentKey })) }));
  }));
  return element("li", {}, choose, element("ul", {}, ...items));
}

// Shows a file: what it is, how it looks, and all its versions.
async function show(file) {
  selected = file;
  const versions = await duct.call("BLOBS_CONTENT_VERSIONS", { group_key: GROUP, content_key: file.contentKey, count: 100 });
  if (selected !== file) return;
  const [[newest, metadata]] = versions;
  const urlOf = (version) => `${BLOBS}blob/${GROUP}/${metadata.content_key}/${version}`;
  $("name").textContent = file.name;
  $("size").textContent = `${Number(metadata.content_length).toLocaleString("en")} bytes`;
  $("type").textContent = metadata.content_type;
  Object.assign($("download"), { href: urlOf(newest), download: file.name });
  $("preview").replaceChildren(...preview(metadata.content_type, urlOf(newest)));
  $("versions").replaceChildren(...versions.map(([version, fields]) => {
    const time = new Date(Number(version.split("-")[0])).toLocaleString();
    const what = fields.revert_to ? `reverted to ${fields.revert_to}` : `${fields.content_length} bytes`;
    const line = element("li", { className: "version" }, element("a", { href: urlOf(version), textContent: time }), ` · ${what} `);
    if (version !== newest) line.append(element("button", { textContent: "Revert", onclick: () => run(() => revert(file, version)) }));
    return line;
  }));
  $("file").hidden = false;
}

// The browser asks for the parts of a video that it plays.
function preview(type, src) {
  if (type.startsWith("video/")) return [element("video", { src, controls: true, preload: "metadata", muted: true })];
  if (type.startsWith("image/")) return [element("img", { src, alt: "" })];
  return [];
}

async function revert(file, version) {
  await duct.call("BLOBS_CONTENT_REVERT", { group_key: GROUP, content_key: file.contentKey, to_version: version });
  await show(file);
}

function run(action) {
  $("problem").textContent = "";
  return action().catch(report);
}

const uploadAll = (files) => run(() => Promise.all([...files].map((file) => upload(file, folder))));

$("files").onchange = async (change) => {
  await uploadAll(change.target.files);
  change.target.value = "";
};
$("newFolder").onsubmit = (submit) => {
  submit.preventDefault();
  const name = submit.target.elements.name.value;
  submit.target.reset();
  run(() => createFolder(name));
};
$("drop").ondragover = (drag) => {
  drag.preventDefault();
  $("drop").classList.add("over");
};
$("drop").ondragleave = () => $("drop").classList.remove("over");
$("drop").ondrop = (drop) => {
  drop.preventDefault();
  $("drop").classList.remove("over");
  uploadAll(drop.dataTransfer.files);
};

if (duct) await run(prepare);
