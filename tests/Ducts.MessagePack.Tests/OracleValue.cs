using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Ducts.MessagePack.Tests;

/// <summary>
/// Any value that all codecs know: null, bool, <see cref="long"/> or <see cref="ulong"/>, double, string, bytes, a list, or a map with
/// keys of any kind.
/// </summary>
internal static class OracleValue
{
    /// <summary>Makes values, with the lengths and numbers at which their form changes.</summary>
    public static Gen<object?> Any { get; } = Gen.Sized(OfSize);

    /// <summary>Makes text without halves of characters, which no codec can write.</summary>
    public static Gen<string> Text { get; } =
        from piece in Gen.Elements("", "a", "\0", "\"\\/", "é", "ԡ", "日本", "🦆", "\u2028", "<&>", "x y")
        from times in Length
        select string.Concat(Enumerable.Repeat(piece, times));

    private static Gen<int> Length { get; } = Gen.Frequency((20, Gen.Choose(0, 20)), (3, Gen.Elements(31, 32, 255, 256)), (1, Gen.Elements(65_535, 65_536)));

    /// <summary>Returns what a value is as text, to compare by.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "nil",
        bool truth => truth ? "true" : "false",
        double number => "float " + BitConverter.DoubleToInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture),
        string text => "text " + text,
        byte[] bytes => "bytes " + Convert.ToHexStringLower(bytes),
        List<object?> items => $"[{string.Join(", ", items.Select(Describe))}]",
        List<(object? Key, object? Value)> pairs => $"{{{string.Join(", ", pairs.Select(static pair => $"{Describe(pair.Key)}: {Describe(pair.Value)}"))}}}",
        IFormattable number => "int " + number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException(value.GetType().ToString()),
    };

    private static Gen<object?> OfSize(int size) => size < 2 ? Scalar() : Gen.Frequency(
        (4, Scalar()),
        (1, from items in ListOf(size) select (object?)items),
        (1, from keys in ListOf(size) from values in ListOf(size) select (object?)keys.Zip(values).ToList()));

    private static Gen<List<object?>> ListOf(int size) =>
        from count in Gen.Elements(0, 1, 2, 15, 16, 17)
        from items in OfSize(size / (count + 2)).ListOf(count)
        select items.ToList();

    private static Gen<object?> Scalar() => Gen.OneOf(
        Gen.Constant((object?)null),
        from truth in ArbMap.Default.GeneratorFor<bool>() select (object?)truth,
        from number in ArbMap.Default.GeneratorFor<long>() select (object?)number,
        from power in Gen.Choose(0, 63) from near in Gen.Choose(-2, 1) from sign in Gen.Elements(1, -1) select (object?)(sign * ((1L << power) + near)),
        from near in Gen.Choose(0, 3) select (object?)(ulong.MaxValue - (ulong)near),
        from number in ArbMap.Default.GeneratorFor<double>() select (object?)number,
        from text in Text select (object?)text,
        from length in Length select (object?)Enumerable.Range(0, length).Select(static i => (byte)(i * 7)).ToArray());
}
