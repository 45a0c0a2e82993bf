using System.Diagnostics;
using System.Text;
using Ducts.Dispatch.Errors;
using Ducts.Protocol;

namespace Ducts.Tests.Dispatch.Errors;

public class ErrorTextTests
{
    [Theory]
    [InlineData("", "KeyError('')")]
    [InlineData("no such group", "KeyError('no such group')")]
    [InlineData("it's \"so\"", @"KeyError('it\'s ""so""')")]
    [InlineData(@"C:\new", @"KeyError('C:\\new')")]
    [InlineData("a\r\n\tb", @"KeyError('a\r\n\tb')")]
    [InlineData("\0\u001b\u007f\u0085\u009f", @"KeyError('\x00\x1b\x7f\x85\x9f')")]
    [InlineData("a\u2028b\u2029c", @"KeyError('a\u2028b\u2029c')")]
    [InlineData("é日本", "KeyError('é日本')")]
    [InlineData("🦆", "KeyError('🦆')")]
    [InlineData("') or __import__('os').system('true'", @"KeyError('\') or __import__(\'os\').system(\'true\'')")]
    public void A_message_is_one_literal_of_one_line(string message, string expected) =>
        Assert.Equal(expected, ErrorText.Format("KeyError", message));

    // Not among the cases above: an attribute's strings cannot hold half a character.
    [Fact]
    public void Half_a_character_is_escaped_by_itself() =>
        Assert.Equal(@"KeyError('\udd86\ud83e')", ErrorText.Format("KeyError", "\udd86\ud83e"));

    [Fact]
    public void A_text_is_not_cut_inside_of_a_character()
    {
        var text = ErrorText.Format("ValueError", string.Concat(Enumerable.Repeat("\U0001f986", 4000)));

        Assert.InRange(text.Length, ErrorText.MaxLength - 12, ErrorText.MaxLength);
        Assert.Equal(text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData('x', 4082, false)]
    [InlineData('x', 4083, true)]
    [InlineData('\'', 100_000, true)]
    [InlineData('語', 100_000, true)]
    public void A_text_is_never_longer_than_its_limit_and_never_cut_inside_an_escape(char letter, int length, bool cut)
    {
        var text = ErrorText.Format("ValueError", new string(letter, length));

        Assert.InRange(text.Length, ErrorText.MaxLength - 12, ErrorText.MaxLength);
        Assert.Equal(cut, text.EndsWith("...')", StringComparison.Ordinal));
        var literal = text["ValueError('".Length..^(cut ? 5 : 2)];
        var one = letter == '\'' ? "\\'" : letter.ToString();
        Assert.Empty(literal.Replace(one, "", StringComparison.Ordinal));
    }

    // One text per block of code points, every one of them, lone surrogates too; Python reads them and prints what they
    // mean, and whether evaluating a text in an empty world gives just that.
    [Fact]
    public async Task Python_reads_back_every_code_point()
    {
        const int Block = 200;
        var lines = new StringBuilder();
        for (var start = 0; start <= 0x10ffff; start += Block)
        {
            var message = new StringBuilder();
            for (var codePoint = start; codePoint < start + Block && codePoint <= 0x10ffff; codePoint++)
                message.Append(codePoint is >= 0xd800 and <= 0xdfff ? ((char)codePoint).ToString() + 'x' : char.ConvertFromUtf32(codePoint));
            lines.Append(ErrorText.Format("KeyError", message.ToString())).Append('\n');
        }

        const string Script = """
            import ast, sys
            seen = 0
            expected = 0
            for line in sys.stdin:
                line = line.rstrip('\n')
                assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in '\u2028\u2029' or '\ud800' <= c <= '\udfff' for c in line), line
                call = ast.parse(line, mode='eval').body
                assert isinstance(call, ast.Call) and call.func.id == 'KeyError' and len(call.args) == 1 and not call.keywords
                text = ast.literal_eval(call.args[0])
                assert text == eval(line, {'__builtins__': {}, 'KeyError': lambda message: message})
                at = 0
                while at < len(text):
                    assert ord(text[at]) == expected, (hex(expected), line)
                    at += 2 if 0xd800 <= expected <= 0xdfff else 1
                    expected += 1
            print(hex(expected))
            """;
        var printed = await RunPythonAsync(Script, lines.ToString());

        Assert.Equal("0x110000", printed.Trim());
    }

    private static async Task<string> RunPythonAsync(string script, string input)
    {
        var start = new ProcessStartInfo("python3")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            Environment = { ["PYTHONUTF8"] = "1" },
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        Process python;
        try
        {
            python = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException("This test needs python3: apt-get install -y python3.", missing);
        }

        using (python)
        {
            var output = python.StandardOutput.ReadToEndAsync();
            var errors = python.StandardError.ReadToEndAsync();
            await python.StandardInput.WriteAsync(input);
            python.StandardInput.Close();
            await python.WaitForExitAsync();
            Assert.Equal("", await errors);
            return await output;
        }
    }
}
