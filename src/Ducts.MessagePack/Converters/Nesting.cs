using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ducts.MessagePack.Converters;

/// <summary>Bounds how deep converters call each other on reading; <see cref="PackWriter.Enter"/> does it on writing.</summary>
internal static class Nesting
{
    public static bool TryEnter(ref PackReader reader, PackSerializerOptions options, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = reader.Depth < options.MaxDepth ? null : TooDeep(options);
        reader.Depth++;
        return error is null;
    }

    public static MessagePackReadError TooDeep(PackSerializerOptions options)
        => new("", string.Create(CultureInfo.InvariantCulture, $"at most {options.MaxDepth} levels of arrays and maps"), "more");
}
