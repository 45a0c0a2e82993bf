using System.Diagnostics.CodeAnalysis;

namespace Ducts.MessagePack.Converters;

/// <summary>A value declared as <see cref="object"/>: written by the type it has, read as plain .NET values.</summary>
internal sealed class ObjectValueConverter(PackSerializerOptions options) : PackConverter<object?>
{
    public override void Write(ref PackWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case string text:
                writer.WriteString(text);
                break;
            case bool truth:
                writer.WriteBoolean(truth);
                break;
            case int integer:
                writer.WriteInt64(integer);
                break;
            case long integer:
                writer.WriteInt64(integer);
                break;
            case double number:
                writer.WriteDouble(number);
                break;
            default:
                if (value.GetType() == typeof(object))
                    writer.WriteMapHeader(0);
                else
                    options.GetConverter(value.GetType()).WriteObject(ref writer, value);
                break;
        }
    }

    public override bool TryRead(ref PackReader reader, out object? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = null;
        if (!RawValue.TryRead(ref reader, options, out var raw, out error))
            return false;
        var whole = new PackReader(raw);
        return PlainValues.TryRead(ref whole, out value, out error);
    }
}
