using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>Any value, as the element that stands on its bytes.</summary>
internal sealed class ElementConverter(PackSerializerOptions options) : PackConverter<MessagePackElement>
{
    public override void Write(ref PackWriter writer, MessagePackElement value) => ElementWriter.Write(ref writer, value.RawBytes.Span);

    public override bool TryRead(ref PackReader reader, out MessagePackElement value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        value = default;
        if (!RawValue.TryRead(ref reader, options, out var raw, out error))
            return false;
        value = new MessagePackElement(raw.ToArray());
        return true;
    }
}
