using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Reference types that travel as strings: <see cref="Uri"/> and <see cref="Version"/>.</summary>
internal sealed class ParsedConverter<T>(string expected, Func<T, string> format, Func<string, T?> parse) : PackConverter<T?>
    where T : class
{
    public override void Write(ref PackWriter writer, T? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            writer.WriteString(format(value));
    }

    public override bool TryRead(ref PackReader reader, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = null;
        error = null;
        if (reader.TryReadNil() == MessagePackStatus.Ok)
            return true;
        var start = reader;
        if (reader.TryReadString(out var text) != MessagePackStatus.Ok)
            return Fail(start, expected, out value, out error);
        value = parse(text);
        if (value is not null)
            return true;
        error = new MessagePackReadError("", expected, "other text");
        return false;
    }
}
