using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

internal sealed class ArrayConverter<T>(MessagePackSerializerOptions options) : MessagePackConverter<T[]?>
{
    private readonly ElementSequence<T> _elements = new(options);

    public override void Write(ref MessagePackWriter writer, T[]? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            _elements.Write(ref writer, value);
    }

    public override bool TryRead(ref MessagePackReader reader, out T[]? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = null;
        error = null;
        return reader.TryReadNil() == MessagePackStatus.Ok || _elements.TryReadArray(ref reader, out value, out error);
    }
}
