const call = /^([A-Za-z_][\w.]*)\(([\s\S]*)\)$/;
const literal = /^(?:'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"),?$/;
const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g;

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\n": "",
};

/**
 * Reads an error's text, a Python-style constructor call such as `KeyError('no such group')`. Text of another form is
 * the message itself, under the name `RuntimeError`; arguments that are not one string are the message as they stand.
 */
export function parseErrorText(raw: string): { name: string; message: string } {
  const parts = call.exec(raw.trim());
  if (!parts) return { name: "RuntimeError", message: raw };
  const [, name, argument] = parts as unknown as [string, string, string];
  const text = literal.exec(argument.trim());
  return { name, message: text ? unescapeText(text[1] ?? text[2] ?? "") : argument };
}

function unescapeText(text: string): string {
  return text.replace(escape, (whole, x?: string, u?: string, long?: string, octal?: string, other?: string) => {
    const hex = x ?? u ?? long;
    if (hex !== undefined || octal !== undefined) {
      const code = hex !== undefined ? parseInt(hex, 16) : parseInt(octal as string, 8);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }
    const simple = simpleEscapes[other as string];
    if (simple !== undefined) return simple;
    return other === "\\" || other === "'" || other === '"' ? other : whole;
  });
}
