using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>A character as a string of one.</summary>
internal sealed class CharConverter : PackConverter<char>
{
    public override void Write(ref PackWriter writer, char value) => writer.WriteString([value]);

    public override bool TryRead(ref PackReader reader, out char value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        var start = reader;
        if (reader.TryReadString(out var text) == MessagePackStatus.Ok && text.Length == 1)
        {
            value = text[0];
            return true;
        }

        return Fail(start, "a string of one character", out value, out error);
    }
}
