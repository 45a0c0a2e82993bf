using System.Globalization;
using System.Text;

namespace Ducts.MessagePack.Converters;

internal sealed class DateOnlyConverter() : TextConverter<DateOnly>("a date as yyyy-MM-dd")
{
    protected override int Format(DateOnly value, Span<byte> text)
    {
        _ = value.TryFormat(text, out var length, "O", CultureInfo.InvariantCulture);
        return length;
    }

    protected override bool TryParse(ReadOnlySpan<byte> text, out DateOnly value)
        => DateOnly.TryParseExact(Encoding.UTF8.GetString(text), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
}
