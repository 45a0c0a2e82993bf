using System.Globalization;

namespace Ducts.Redis.Streams;

/// <summary>An entry's id, comparable.</summary>
internal readonly record struct StreamId(ulong Milliseconds, ulong Sequence) : IComparable<StreamId>
{
    public static bool operator <(StreamId left, StreamId right) => left.CompareTo(right) < 0;

    public static bool operator >(StreamId left, StreamId right) => left.CompareTo(right) > 0;

    public static bool operator <=(StreamId left, StreamId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StreamId left, StreamId right) => left.CompareTo(right) >= 0;

    public static bool TryParse(ReadOnlySpan<char> text, out StreamId id)
    {
        id = default;
        var dash = text.IndexOf('-');
        var first = dash < 0 ? text : text[..dash];
        ulong sequence = 0;
        if (!ulong.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            || (dash >= 0 && !ulong.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out sequence)))
        {
            return false;
        }

        id = new StreamId(milliseconds, sequence);
        return true;
    }

    /// <summary>The smallest id that is greater: an inclusive start for what comes after this one, on every version of Redis.</summary>
    public StreamId Next() => Sequence == ulong.MaxValue ? new(Milliseconds + 1, 0) : new(Milliseconds, Sequence + 1);

    public int CompareTo(StreamId other) =>
        Milliseconds != other.Milliseconds ? Milliseconds.CompareTo(other.Milliseconds) : Sequence.CompareTo(other.Sequence);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}-{Sequence}");
}
