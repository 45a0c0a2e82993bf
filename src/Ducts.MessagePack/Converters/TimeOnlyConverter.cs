using System.Globalization;
using System.Text;

namespace Ducts.MessagePack.Converters;

internal sealed class TimeOnlyConverter() : TextConverter<TimeOnly>("a time as HH:mm:ss")
{
    private static readonly string[] Formats = ["HH:mm:ss", "HH:mm:ss.FFFFFFF", "HH:mm"];

    protected override int Format(TimeOnly value, Span<byte> text)
    {
        _ = value.ToTimeSpan().TryFormat(text, out var length, "c", CultureInfo.InvariantCulture);
        return length;
    }

    protected override bool TryParse(ReadOnlySpan<byte> text, out TimeOnly value)
        => TimeOnly.TryParseExact(Encoding.UTF8.GetString(text), Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
}
