const keywords = new Set(
  ("abstract as async await bool break byte case catch class const continue default do double else enum export extends false " +
    "file finally float for foreach from function get if import in init int interface internal is let long namespace new not null " +
    "object of or out override params private protected public readonly record ref return sealed set static string struct super " +
    "switch this throw true try typeof undefined using var virtual void when while with yield").split(" "),
);

const token =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>\$?"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|(?<number>\b\d[\d_.]*\b)|(?<word>[A-Za-z_]\w*)/g;

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escape = (text) => text.replace(/[&<>"]/g, (character) => escapes[character]);

/** C# or JavaScript as HTML with its parts marked. Good enough to read by; no grammar. */
export function highlight(source) {
  let html = "";
  let end = 0;
  for (const match of source.matchAll(token)) {
    const [text] = match;
    html += escape(source.slice(end, match.index)) + mark(kind(match.groups), text);
    end = match.index + text.length;
  }
  return html + escape(source.slice(end));
}

function kind({ comment, string, number, word }) {
  if (comment) return "comment";
  if (string) return "string";
  if (number) return "number";
  if (keywords.has(word)) return "keyword";
  return /^[A-Z][a-z]/.test(word) ? "type" : undefined;
}

const mark = (name, text) => (name ? `<span class="tok-${name}">${escape(text)}</span>` : escape(text));
