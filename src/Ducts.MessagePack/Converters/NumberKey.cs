using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Ducts.MessagePack.Converters;

internal sealed class NumberKey<TKey>(PackConverter<TKey> values) : KeyConverter<TKey>
    where TKey : struct, INumberBase<TKey>
{
    public override void Write(ref PackWriter writer, TKey key)
    {
        Span<byte> text = stackalloc byte[64];
        _ = key.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        writer.WriteStringUtf8(text[..length]);
    }

    public override bool TryRead(ref PackReader reader, out TKey key, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var start = reader;
        if (reader.TryReadStringBytes(out var text) != MessagePackStatus.Ok)
            return values.TryRead(ref reader, out key, out error);
        error = null;
        return TKey.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out key) || Fail(start, "a number", out key, out error);
    }
}
