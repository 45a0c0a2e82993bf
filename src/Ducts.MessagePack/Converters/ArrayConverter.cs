using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

internal sealed class ArrayConverter<T>(PackSerializerOptions options) : PackConverter<T[]?>
{
    private readonly ElementSequence<T> _elements = new(options);

    public override void Write(ref PackWriter writer, T[]? value)
    {
        if (value is null)
            writer.WriteNil();
        else
            _elements.Write(ref writer, value);
    }

    public override bool TryRead(ref PackReader reader, out T[]? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = null;
        error = null;
        return reader.TryReadNil() == MessagePackStatus.Ok || _elements.TryReadArray(ref reader, out value, out error);
    }
}
