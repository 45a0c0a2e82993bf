using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack.Tests;

public sealed class RandomizedComparerTests
{
    private static readonly JsonSerializerOptions Randomized = new JsonSerializerOptions(JsonSerializerDefaults.Web).UseRandomizedComparers();

    // Multiples of 2^32 and one more have one hash code in .NET: the upper half of a long is mixed into the lower one.
    private static readonly long[] Colliding = [.. Enumerable.Range(0, 500).Select(static i => ((long)i << 32) | (uint)i)];

    [Fact]
    public void Integers_that_collide_in_NET_do_not_in_a_dictionary_of_an_argument()
    {
        Assert.Single(Colliding.Select(static key => key.GetHashCode()).Distinct());
        AssertSpread(Read<Dictionary<long, int>>(Map(Colliding)).Comparer, Colliding);
        AssertSpread(((Dictionary<long, int>)Read<IReadOnlyDictionary<long, int>>(Map(Colliding))).Comparer, Colliding);
        AssertSpread(Read<ConcurrentDictionary<long, int>>(Map(Colliding)).Comparer, Colliding);
        AssertSpread(Read<ImmutableDictionary<long, int>>(Map(Colliding)).KeyComparer, Colliding);
        AssertSpread(Read<FrozenDictionary<long, int>>(Map(Colliding)).Comparer, Colliding);
        AssertSpread(Read<HashSet<long>>(PackSerializer.Serialize(Colliding)).Comparer, Colliding);
        AssertSpread(((HashSet<long>)Read<ISet<long>>(PackSerializer.Serialize(Colliding))).Comparer, Colliding);
        AssertSpread(Read<ImmutableHashSet<long>>(PackSerializer.Serialize(Colliding)).KeyComparer, Colliding);
        AssertSpread(Read<FrozenSet<long>>(PackSerializer.Serialize(Colliding)).Comparer, Colliding);
        AssertSpread(Read<OwnDictionary>(Map(Colliding)).Comparer, Colliding);
        Assert.Equal(500, Read<ReadOnlyDictionary<long, int>>(Map(Colliding)).Count);
    }

    [Fact]
    public void Numbers_dates_and_what_is_made_of_them_have_no_hash_codes_to_choose()
    {
        AssertSpread(Comparer<int>(), Enumerable.Range(0, 500));
        AssertSpread(Comparer<ulong>(), Colliding.Select(static key => (ulong)key));
        AssertSpread(Comparer<double>(), Colliding.Select(BitConverter.Int64BitsToDouble));
        AssertSpread(Comparer<float>(), Enumerable.Range(1, 500).Select(static i => (float)i));
        AssertSpread(Comparer<decimal>(), Enumerable.Range(0, 500).Select(static i => (decimal)i));
        AssertSpread(Comparer<Guid>(), Enumerable.Range(0, 500).Select(static i => new Guid(i, 0, 0, [0, 0, 0, 0, (byte)(i >> 24), (byte)(i >> 16), (byte)(i >> 8), (byte)i])));
        AssertSpread(Comparer<DateTime>(), Colliding.Select(static key => new DateTime(key)));
        AssertSpread(Comparer<DateTimeOffset>(), Colliding.Select(static key => new DateTimeOffset(key, TimeSpan.Zero)));
        AssertSpread(Comparer<TimeSpan>(), Colliding.Select(static key => new TimeSpan(key)));
        AssertSpread(Comparer<DateOnly>(), Enumerable.Range(0, 500).Select(DateOnly.FromDayNumber));
        AssertSpread(Comparer<Int128>(), Colliding.Select(static key => (Int128)key));
        AssertSpread(Comparer<BigInteger>(), Enumerable.Range(0, 500).Select(static i => new BigInteger(i)));
        AssertSpread(Comparer<Version>(), Enumerable.Range(0, 500).Select(static i => new Version(i * 16, 0)));
        AssertSpread(Comparer<DayOfWeek>(), Enumerable.Range(0, 500).Select(static i => (DayOfWeek)i));
        AssertSpread(Comparer<Wide>(), Colliding.Select(static key => (Wide)key));
        AssertSpread(Comparer<long?>(), Colliding.Select(static key => (long?)key));
        AssertSpread(Comparer<object>(), Colliding.Select(static key => (object)key));
        AssertSpread(Comparer<(long, long)>(), Colliding.Select(static key => (key, key)));
        AssertSpread(EqualityComparer<MessagePackElement>.Default, Colliding.Select(static key => MessagePackElement.From(key)));
    }

    [Fact]
    public void Equal_values_have_equal_hash_codes()
    {
        AssertEqual(0.0, -0.0);
        AssertEqual(double.NaN, BitConverter.Int64BitsToDouble(0x7ff8_0000_0000_0001));
        AssertEqual(0f, -0f);
        AssertEqual(0m, decimal.Negate(0m));
        AssertEqual(1m, 1.000m);
        AssertEqual(decimal.MaxValue, decimal.MaxValue);
        AssertEqual(79228162514264337593543950330m, 79228162514264337593543950330m);
        AssertEqual(0.0000000000000000000000000001m, 0.0000000000000000000000000001m);
        AssertEqual(1e27m, decimal.Parse("1000000000000000000000000000.0", CultureInfo.InvariantCulture));
        AssertEqual(new DateTime(5, DateTimeKind.Utc), new DateTime(5, DateTimeKind.Local));
        AssertEqual(new DateTimeOffset(2024, 1, 1, 9, 0, 0, TimeSpan.FromHours(9)), new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
        AssertEqual<object>(1.0m, 1.00m);
        AssertEqual(new Version(1, 2), new Version(1, 2));
        Prop.ForAll<decimal, byte>((value, zeros) =>
        {
            var longer = value * decimal.Parse("1." + new string('0', zeros % 10), CultureInfo.InvariantCulture);
            return longer != value || Comparer<decimal>().GetHashCode(longer) == Comparer<decimal>().GetHashCode(value);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Strings_keep_their_comparer_where_NET_randomizes_it()
    {
        Assert.Same(EqualityComparer<string>.Default, Read<Dictionary<string, int>>([0x80]).Comparer);
        Assert.Same(EqualityComparer<string>.Default, Read<HashSet<string>>([0x90]).Comparer);

        // A frozen dictionary has a hash of its own for strings, which is the same in each process.
        var frozen = Read<FrozenDictionary<string, int>>([0x81, 0xa1, (byte)'a', 1]);
        Assert.Equal(StringComparer.Ordinal.GetHashCode("a"), frozen.Comparer.GetHashCode("a"));
        Assert.Equal(1, frozen["a"]);
        Assert.NotSame(EqualityComparer<string>.Default, frozen.Comparer);
    }

    [Fact]
    public void A_type_that_SystemTextJson_reads_itself_has_the_same_dictionaries()
    {
        var packed = PackSerializer.Serialize(new { strict = Colliding.ToDictionary(static key => key, static _ => 1), keys = Colliding });

        var read = Read<Filled>(packed);

        AssertSpread(read.Strict!.Comparer, Colliding);
        AssertSpread(read.Keys!.Comparer, Colliding);
        var handled = Read<Handled>(packed);
        AssertSpread(handled.Strict!.Comparer, Colliding);
        AssertSpread(handled.Keys!.Comparer, Colliding);
    }

    [Fact]
    public void JSON_of_clients_has_the_same_dictionaries_by_an_option_of_SystemTextJson()
    {
        var map = JsonSerializer.Serialize(Colliding.ToDictionary(static key => key, static _ => 1));
        AssertSpread(FromJson<Dictionary<long, int>>(map).Comparer, Colliding);
        AssertSpread(((Dictionary<long, int>)FromJson<IDictionary<long, int>>(map)).Comparer, Colliding);
        AssertSpread(((Dictionary<long, int>)FromJson<IReadOnlyDictionary<long, int>>(map)).Comparer, Colliding);
        AssertSpread(FromJson<ConcurrentDictionary<long, int>>(map).Comparer, Colliding);
        AssertSpread(FromJson<OrderedDictionary<long, int>>(map).Comparer, Colliding);
        AssertSpread(FromJson<OwnDictionary>(map).Comparer, Colliding);
        AssertSpread(FromJson<ImmutableDictionary<long, int>>(map).KeyComparer, Colliding);
        AssertSpread(((ImmutableDictionary<long, int>)FromJson<IImmutableDictionary<long, int>>(map)).KeyComparer, Colliding);
        Assert.Equal(500, FromJson<SortedDictionary<long, int>>(map).Count);
        Assert.Same(EqualityComparer<string>.Default, FromJson<Dictionary<string, int>>(map).Comparer);

        var array = JsonSerializer.Serialize(Colliding);
        AssertSpread(FromJson<HashSet<long>>(array).Comparer, Colliding);
        AssertSpread(((HashSet<long>)FromJson<ISet<long>>(array)).Comparer, Colliding);
        AssertSpread(((HashSet<long>)FromJson<IReadOnlySet<long>>(array)).Comparer, Colliding);
        AssertSpread(FromJson<ImmutableHashSet<long>>(array).KeyComparer, Colliding);
        AssertSpread(((ImmutableHashSet<long>)FromJson<IImmutableSet<long>>(array)).KeyComparer, Colliding);
        Assert.IsType<List<long>>(FromJson<IEnumerable<long>>(array));

        static T FromJson<T>(string json) => JsonSerializer.Deserialize<T>(json, Randomized)!;
    }

    [Fact]
    public void JSON_with_such_comparers_is_written_and_refused_as_before()
    {
        Assert.Equal("""{"1":2}""", JsonSerializer.Serialize(ImmutableDictionary.CreateRange([KeyValuePair.Create(1L, 2)]), Randomized));
        Assert.Equal("[1]", JsonSerializer.Serialize<IImmutableSet<long>>(ImmutableHashSet.Create(1L), Randomized));
        Assert.Equal("""{"1":2}""", JsonSerializer.Serialize<IReadOnlyDictionary<long, int>>(new Dictionary<long, int> { [1] = 2 }, Randomized));
        Assert.Null(JsonSerializer.Deserialize<ImmutableDictionary<long, int>>("null", Randomized));
        var refused = Assert.Throws<JsonException>(static () => JsonSerializer.Deserialize<Filled>("""{"strict":{"1":{}}}""", Randomized));
        Assert.Equal("$.strict.1", refused.Path);
    }

    [Fact]
    public void A_dictionary_with_such_a_comparer_is_otherwise_as_before()
    {
        var map = Read<Dictionary<long, int>>(Map([1, 2, -3]));

        Assert.Equal([1, 2, -3], map.Keys);
        Assert.True(map.ContainsKey(-3));
        Assert.False(map.ContainsKey(3));
        Assert.Equal(Map([1, 2, -3]), PackSerializer.Serialize(map));
    }

    private static RandomizedComparer<T> Comparer<T>() => RandomizedComparer<T>.Instance ?? throw new InvalidOperationException($"{typeof(T)} has the default comparer.");

    // Three of 500 random 32-bit numbers are the same once in hundreds of thousands of runs; a pair, once in 35,000.
    private static void AssertSpread<T>(IEqualityComparer<T> comparer, IEnumerable<T> keys)
    {
        var hashes = keys.Select(key => comparer.GetHashCode(key!)).ToList();
        Assert.InRange(hashes.Distinct().Count(), hashes.Count - 2, hashes.Count);

        // And in the dictionary's buckets: multiples of a prime would be in one.
        Assert.InRange(hashes.Select(static hash => (uint)hash % 509).GroupBy(static bucket => bucket).Max(static bucket => bucket.Count()), 1, 20);
    }

    private static void AssertEqual<T>(T one, T other)
    {
        Assert.True(Comparer<T>().Equals(one, other));
        Assert.Equal(Comparer<T>().GetHashCode(one!), Comparer<T>().GetHashCode(other!));
    }

    private static byte[] Map(long[] keys) => PackSerializer.Serialize(keys.ToDictionary(static key => key, static _ => 1));

    private static T Read<T>(byte[] packed)
    {
        Assert.True(PackSerializer.TryDeserialize<T>(packed, out var value, out var error), error?.ToString());
        return value;
    }

    private sealed class OwnDictionary(IEqualityComparer<long> comparer) : Dictionary<long, int>(comparer);

    // Both are left to System.Text.Json by their attributes.
    [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
    private sealed class Filled
    {
        public Dictionary<long, int>? Strict { get; set; }

        public HashSet<long>? Keys { get; set; }
    }

    private sealed class Handled
    {
        [JsonNumberHandling(JsonNumberHandling.Strict)]
        public Dictionary<long, int>? Strict { get; set; }

        [JsonNumberHandling(JsonNumberHandling.Strict)]
        public HashSet<long>? Keys { get; set; }
    }

    private enum Wide : long
    {
    }
}
