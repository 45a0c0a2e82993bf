using System.Diagnostics;
using System.Globalization;

namespace Ducts.MessagePack.Converters;

internal sealed class GuidConverter() : TextConverter<Guid>("a GUID")
{
    protected override int Format(Guid value, Span<byte> text)
    {
        var done = value.TryFormat(text, out var length);
        Debug.Assert(done, "36 characters fit");
        return length;
    }

    protected override bool TryParse(ReadOnlySpan<byte> text, out Guid value) => Guid.TryParse(text, CultureInfo.InvariantCulture, out value);
}
