using System.Text.Unicode;

namespace Ducts.MessagePack.Converters;

/// <summary>
/// Writes a value that is packed already as every client can read it: no extensions, floats as float64, strings in valid
/// UTF-8. Runs of bytes that need no change are copied as they are; headers of arrays and maps are such bytes, so this neither
/// recurses nor counts.
/// </summary>
internal static class ElementWriter
{
    public static void Write(ref PackWriter writer, ReadOnlySpan<byte> value)
    {
        var reader = new PackReader(value);
        var clean = 0;
        while (!reader.IsEnd)
        {
            var start = reader.Position;
            var rest = reader.Remaining;
            if (!NeedsChange(rest, out var length))
            {
                reader.Advance(length);
                continue;
            }

            writer.WriteRaw(value[clean..start]);
            WriteChanged(ref writer, ref reader);
            clean = reader.Position;
        }

        writer.WriteRaw(value[clean..]);
    }

    private static bool NeedsChange(ReadOnlySpan<byte> rest, out int length)
    {
        if (MessagePackValidator.Measure(rest, out length, out _, out _) != MessagePackStatus.Ok)
            throw new MessagePackWriteException("The bytes of an element hold no valid value.");
        switch (rest[0])
        {
            case >= MessagePackCode.FixString and < MessagePackCode.Nil:
            case >= MessagePackCode.String8 and <= MessagePackCode.String32:
                _ = new PackReader(rest).TryReadStringBytes(out var text);
                return !Utf8.IsValid(text);
            case MessagePackCode.Float32:
            case >= MessagePackCode.Ext8 and <= MessagePackCode.Ext32:
            case >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16:
                return true;
            default:
                return false;
        }
    }

    private static void WriteChanged(ref PackWriter writer, ref PackReader reader)
    {
        if (reader.TryReadString(out var text) == MessagePackStatus.Ok)
        {
            writer.WriteString(text);
        }
        else if (reader.TryReadNil() == MessagePackStatus.Ok)
        {
            writer.WriteNil();
        }
        else if (reader.TryReadDouble(out var number) == MessagePackStatus.Ok)
        {
            writer.WriteDouble(number);
        }
        else if (reader.TryReadTimestamp(out var time, out var rest) == MessagePackStatus.Ok)
        {
            Span<byte> iso = stackalloc byte[IsoText.MaxLength];
            writer.WriteStringUtf8(iso[..IsoText.FormatTimestamp(time, rest, iso)]);
        }
        else
        {
            _ = reader.TryReadExtension(out var type, out _);
            throw new MessagePackWriteException(
                type == MessagePackCode.TimestampType
                    ? "A timestamp outside of the years 1 to 9999 cannot be packed."
                    : $"An extension of type {type} cannot be packed: no client could read it.",
                type);
        }
    }
}
