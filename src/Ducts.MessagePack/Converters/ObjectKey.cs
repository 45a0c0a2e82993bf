using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ducts.MessagePack.Converters;

/// <summary>Keys of untyped dictionaries.</summary>
internal sealed class ObjectKey(PackSerializerOptions options) : KeyConverter<object>
{
    public override void Write(ref PackWriter writer, object key)
    {
        switch (key)
        {
            case bool truth:
                writer.WriteStringUtf8(truth ? "true"u8 : "false"u8);
                break;
            case string or char or Enum or Guid or DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan or Uri or Version or decimal:
                options.GetConverter(key.GetType()).WriteObject(ref writer, key);
                break;
            case IFormattable number when key.GetType().IsPrimitive:
                writer.WriteString(number.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                throw new MessagePackWriteException($"A key of type {key.GetType()} cannot be packed: keys must be strings, numbers or the like.");
        }
    }

    public override bool TryRead(ref PackReader reader, [MaybeNullWhen(false)] out object key, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        key = null;
        if (!RawValue.TryRead(ref reader, options, out var raw, out error))
            return false;
        var whole = new PackReader(raw);
        key = KeyText.Read(ref whole);
        return true;
    }
}
