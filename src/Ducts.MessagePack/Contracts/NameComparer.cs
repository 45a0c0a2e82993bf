namespace Ducts.MessagePack.Contracts;

/// <summary>Compares names in UTF-8, exactly or without regard to ASCII case and underscores.</summary>
internal sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly NameComparer Exact = new(loose: false);
    public static readonly NameComparer Loose = new(loose: true);

    private readonly bool _loose;

    private NameComparer(bool loose) => _loose = loose;

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    public bool Equals(byte[]? x, byte[]? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.AsSpan(), y));

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => _loose ? EqualsLoosely(alternate, other) : alternate.SequenceEqual(other);

    // FNV-1a: names are short, and the table's keys are the type's own, so nobody can choose keys that collide.
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = 2166136261u;
        foreach (var value in alternate)
        {
            if (_loose && value == '_')
                continue;
            hash = (hash ^ (_loose ? Fold(value) : value)) * 16777619u;
        }

        return (int)hash;
    }

    private static bool EqualsLoosely(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var i = 0;
        var j = 0;
        while (true)
        {
            while (i < left.Length && left[i] == '_')
                i++;
            while (j < right.Length && right[j] == '_')
                j++;
            if (i == left.Length || j == right.Length)
                return i == left.Length && j == right.Length;
            if (Fold(left[i++]) != Fold(right[j++]))
                return false;
        }
    }

    private static byte Fold(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
}
