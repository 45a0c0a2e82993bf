import { describe, expect, it } from "vitest";
import { DuctsError } from "../src/index.js";

describe("an error's text", () => {
  it.each([
    ["KeyError('no such group')", "KeyError", "no such group"],
    ["ValueError('it\\'s \\\\ here')", "ValueError", "it's \\ here"],
    ["ValueError('line\\nnext\\ttab\\rback')", "ValueError", "line\nnext\ttab\rback"],
    ["RuntimeError('\\x41\\xe9')", "RuntimeError", "Aé"],
    ["RuntimeError('\\u65e5\\u672c')", "RuntimeError", "日本"],
    ["RuntimeError('\\U0001f600!')", "RuntimeError", "😀!"],
    ["RuntimeError('\\Uffffffff')", "RuntimeError", "\\Uffffffff"],
    ["RuntimeError('\\q')", "RuntimeError", "\\q"],
    ['KeyError("it\'s")', "KeyError", "it's"],
    ["KeyError('one',)", "KeyError", "one"],
    ["KeyError()", "KeyError", ""],
    ["OSError(2, 'No such file')", "OSError", "2, 'No such file'"],
    ["json.JSONDecodeError('x')", "json.JSONDecodeError", "x"],
    ["no constructor call", "RuntimeError", "no constructor call"],
    ["", "RuntimeError", ""],
  ])("%s", (raw, name, message) => {
    const error = DuctsError.parse(raw);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.message, error.raw]).toEqual([name, message, raw]);
  });

  it("that is no text is shown as JSON", () => {
    expect(DuctsError.parse({ code: 7 }).message).toBe('{"code":7}');
    expect(DuctsError.parse(undefined).message).toBe("");
  });
});
