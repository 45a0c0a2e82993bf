using System.Text;
using System.Text.Unicode;
using Ducts.Handlers;

namespace Ducts.Scripting.Files;

/// <summary>
/// Finds files that are not UTF-8. Decoded all the same, their letters would be replacement characters in what handlers answer.
/// </summary>
internal static class SourceEncoding
{
    /// <summary>Returns what is wrong with a file's bytes; null if they are UTF-8, with or without a byte order mark.</summary>
    public static HandlerProblem? FindFault(SourceFile file)
    {
        var content = file.Content.AsSpan();
        // Text in UTF-16 without a mark is half zeros where it is Latin, and may pass for UTF-8.
        if (content is [0xff, 0xfe, ..] or [0xfe, 0xff, ..] || content.Count((byte)0) > content.Length / 4)
        {
            return new HandlerProblem(file.Path, 1, 1, "the file is UTF-16, not UTF-8; save it as UTF-8");
        }

        if (Utf8.IsValid(content))
        {
            return null;
        }

        var (line, column) = (1, 1);
        var rest = content;
        while (Rune.DecodeFromUtf8(rest, out var rune, out var length) == System.Buffers.OperationStatus.Done)
        {
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + rune.Utf16SequenceLength);
            rest = rest[length..];
        }

        return new HandlerProblem(file.Path, line, column, $"the file is not UTF-8, as its byte 0x{rest[0]:X2} shows; save it as UTF-8");
    }
}
