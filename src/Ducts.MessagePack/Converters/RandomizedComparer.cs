using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ducts.MessagePack.Converters;

/// <summary>
/// Compares keys from outside as the default comparer does, with hash codes that nobody can choose. Those of .NET's numbers and
/// dates are the numbers themselves, so a client could send thousands that fall into one place of a dictionary; those of strings
/// are random for each process already.
/// </summary>
// The hash is that of strings, over the bits of the value: keyed, and made for this.
internal sealed class RandomizedComparer<T> : IEqualityComparer<T>
{
    private readonly Func<T, int> _hash;

    private RandomizedComparer(Func<T, int> hash) => _hash = hash;

    /// <summary>Gets the comparer; null where the default one does.</summary>
    public static RandomizedComparer<T>? Instance { get; } = RandomizedHash.Find<T>() is { } hash ? new(hash) : null;

    /// <summary>Gets the comparer for a frozen collection, which has a hash of its own for strings, too.</summary>
    public static IEqualityComparer<T>? Frozen { get; } = typeof(T) == typeof(string) ? new RandomizedComparer<T>(static text => text!.GetHashCode()) : Instance;

    public bool Equals(T? x, T? y) => EqualityComparer<T>.Default.Equals(x, y);

    public int GetHashCode(T obj) => obj is null ? 0 : _hash(obj);
}

/// <summary>Finds and computes the hash codes.</summary>
internal static class RandomizedHash
{
    // Types of which two values are equal exactly when their bits are. What has 16 bits at most fills no dictionary.
    private static readonly HashSet<Type> ByBits =
    [
        typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(nint), typeof(nuint), typeof(Int128), typeof(UInt128),
        typeof(Guid), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
    ];

    /// <summary>Returns the hash function of a type's values, null for that of the default comparer.</summary>
    public static Func<T, int>? Find<T>()
    {
        if (ByBits.Contains(typeof(T)) || (typeof(T).IsEnum && Unsafe.SizeOf<T>() >= sizeof(int)))
            return OfBits;
        if (Nullable.GetUnderlyingType(typeof(T)) is not null || typeof(T) == typeof(object) || typeof(ITuple).IsAssignableFrom(typeof(T)))
            return static value => OfObject(value);
        return Known<T, DateTime>(static value => OfBits(value.Ticks))
            ?? Known<T, DateTimeOffset>(static value => OfBits(value.UtcTicks))
            ?? Known<T, double>(OfDouble)
            ?? Known<T, float>(static value => OfDouble(value))
            ?? Known<T, decimal>(OfDecimal)
            ?? Known<T, BigInteger>(static value => OfBytes(value.ToByteArray()))
            ?? Known<T, Version>(static value => OfInts([value.Major, value.Minor, value.Build, value.Revision]));
    }

    /// <summary>Returns the hash code of bytes.</summary>
    public static int OfBytes(ReadOnlySpan<byte> bytes)
    {
        var whole = string.GetHashCode(MemoryMarshal.Cast<byte, char>(bytes), StringComparison.Ordinal);
        return (bytes.Length & 1) == 0 ? whole : OfInts([whole, bytes[^1]]);
    }

    private static Func<T, int>? Known<T, TKnown>(Func<TKnown, int> hash) => typeof(T) == typeof(TKnown) ? (Func<T, int>)(object)hash : null;

    private static int OfBits<T>(T value)
        => OfBytes(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref value), Unsafe.SizeOf<T>()));

    private static int OfInts(ReadOnlySpan<int> values) => OfBytes(MemoryMarshal.AsBytes(values));

    // Zero has two forms and NaN has many, which are equal.
    private static int OfDouble(double value) => OfBits(value == 0 ? 0d : double.IsNaN(value) ? double.NaN : value);

    private static int OfDecimal(decimal value)
    {
        // 1.0 and 1.00 are equal: dividing by one in the longest form takes zeros off the end, and by zero's sign off.
        Span<int> bits = stackalloc int[4];
        _ = decimal.GetBits(value == 0 ? 0m : value / 1.0000000000000000000000000000m, bits);
        return OfInts(bits);
    }

    private static int OfObject(object? value) => value switch
    {
        null => 0,
        string text => StringComparer.Ordinal.GetHashCode(text),
        long number => OfBits(number),
        ulong number => OfBits(number),
        double number => OfDouble(number),
        int number => OfBits(number),
        uint number => OfBits(number),
        float number => OfDouble(number),
        decimal number => OfDecimal(number),
        DateTime time => OfBits(time.Ticks),
        DateTimeOffset time => OfBits(time.UtcTicks),
        Guid guid => OfBits(guid),
        DateOnly or TimeOnly or TimeSpan or Int128 or UInt128 or BigInteger or nint or nuint or Enum => OfFormatted((IFormattable)value),
        ITuple tuple => OfTuple(tuple),
        _ => value.GetHashCode(),
    };

    private static int OfFormatted(IFormattable value) => StringComparer.Ordinal.GetHashCode(value.ToString(null, CultureInfo.InvariantCulture));

    private static int OfTuple(ITuple tuple)
    {
        Span<int> hashes = tuple.Length <= 16 ? stackalloc int[tuple.Length] : new int[tuple.Length];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = OfObject(tuple[i]);
        return OfInts(hashes);
    }
}
