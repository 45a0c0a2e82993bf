using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Types that travel as short strings, in the forms System.Text.Json gives them.</summary>
internal abstract class TextConverter<T>(string expected) : PackConverter<T>
    where T : struct
{
    private const int MaxLength = 64;

    public sealed override void Write(ref PackWriter writer, T value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        writer.WriteStringUtf8(text[..Format(value, text)]);
    }

    public sealed override bool TryRead(ref PackReader reader, out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        var start = reader;
        if (reader.TryReadStringBytes(out var text) == MessagePackStatus.Ok)
        {
            if (TryParse(text, out value))
                return true;
            error = new MessagePackReadError("", expected, "other text");
            return false;
        }

        return TryReadOther(ref reader, out value) || Fail(start, expected, out value, out error);
    }

    /// <summary>Formats the value into the text, which is long enough, and returns the length.</summary>
    protected abstract int Format(T value, Span<byte> text);

    protected abstract bool TryParse(ReadOnlySpan<byte> text, out T value);

    /// <summary>Reads the value from something that is no string.</summary>
    protected virtual bool TryReadOther(ref PackReader reader, out T value)
    {
        value = default;
        return false;
    }
}
