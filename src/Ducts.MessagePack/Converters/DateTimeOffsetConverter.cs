namespace Ducts.MessagePack.Converters;

/// <summary>Written as ISO 8601; the timestamp extension is read too.</summary>
internal sealed class DateTimeOffsetConverter() : TextConverter<DateTimeOffset>("a date and time in ISO 8601")
{
    protected override int Format(DateTimeOffset value, Span<byte> text) => IsoText.Format(value, text);

    protected override bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset value) => IsoText.TryParse(text, out value);

    protected override bool TryReadOther(ref PackReader reader, out DateTimeOffset value)
        => reader.TryReadTimestamp(out value) == MessagePackStatus.Ok;
}
