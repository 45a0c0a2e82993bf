using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Takes a whole value as bytes, for the types that can hold any.</summary>
internal static class RawValue
{
    public static bool TryRead(
        ref PackReader reader, PackSerializerOptions options, out ReadOnlySpan<byte> raw, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var status = reader.TryReadRaw(out raw, options.MaxDepth - reader.Depth);
        error = status switch
        {
            MessagePackStatus.Ok => null,
            MessagePackStatus.TooDeep => Nesting.TooDeep(options),
            MessagePackStatus.EndOfData => new MessagePackReadError("", "a whole value", "the end of the data"),
            _ => MessagePackReadError.At(reader, "a value"),
        };
        return error is null;
    }

    public static bool TrySkip(ref PackReader reader, PackSerializerOptions options, [NotNullWhen(false)] out MessagePackReadError? error)
        => TryRead(ref reader, options, out _, out error);
}
