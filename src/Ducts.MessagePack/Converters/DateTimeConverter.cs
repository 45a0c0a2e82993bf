namespace Ducts.MessagePack.Converters;

/// <summary>Written as ISO 8601; the timestamp extension is read too, as UTC.</summary>
internal sealed class DateTimeConverter() : TextConverter<DateTime>("a date and time in ISO 8601")
{
    protected override int Format(DateTime value, Span<byte> text) => IsoText.Format(value, text);

    protected override bool TryParse(ReadOnlySpan<byte> text, out DateTime value) => IsoText.TryParse(text, out value);

    protected override bool TryReadOther(ref PackReader reader, out DateTime value)
    {
        var done = reader.TryReadTimestamp(out var time) == MessagePackStatus.Ok;
        value = time.UtcDateTime;
        return done;
    }
}
