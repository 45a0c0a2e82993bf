using System.Globalization;
using System.Text;

namespace Ducts.MessagePack.Converters;

internal sealed class TimeSpanConverter() : TextConverter<TimeSpan>("a time span as d.hh:mm:ss.fffffff")
{
    protected override int Format(TimeSpan value, Span<byte> text)
    {
        _ = value.TryFormat(text, out var length, "c", CultureInfo.InvariantCulture);
        return length;
    }

    protected override bool TryParse(ReadOnlySpan<byte> text, out TimeSpan value)
        => TimeSpan.TryParseExact(Encoding.UTF8.GetString(text), "c", CultureInfo.InvariantCulture, out value);
}
