using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;

namespace Ducts.MessagePack.Tests;

public sealed class PropertyTests
{
    [Fact]
    public void Integers_come_back_as_they_were_written()
    {
        Prop.ForAll<long>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<ulong>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<int>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<short>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<byte>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Floats_come_back_as_they_were_written()
    {
        Prop.ForAll<double>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<float>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<decimal>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Text_and_bytes_come_back_as_they_were_written()
    {
        Prop.ForAll<string?>(value => value is null || char.IsSurrogate(value.FirstOrDefault(char.IsSurrogate)) || RoundTrip(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(value => PackSerializer.TryDeserialize<byte[]>(PackSerializer.Serialize(value), out var back, out _) && back!.SequenceEqual(value))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Dates_and_guids_come_back_as_they_were_written()
    {
        Prop.ForAll<Guid>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<DateTimeOffset>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<TimeSpan>(value => RoundTrip(value)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Lists_and_dictionaries_come_back_as_they_were_written()
    {
        Prop.ForAll<List<int>>(value => Back(value)!.SequenceEqual(value)).QuickCheckThrowOnFailure();
        Prop.ForAll<Dictionary<int, long>>(value => Back(value)!.OrderBy(p => p.Key).SequenceEqual(value.OrderBy(p => p.Key))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_bytes_give_a_status_and_no_exception()
    {
        Prop.ForAll<byte[]>(Survives).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(200));
    }

    [Fact]
    public void Mutated_messages_give_a_status_and_no_exception()
    {
        var message = PackSerializer.Serialize(new object?[]
        {
            1, 1000, new { name = "Ada", tags = new[] { "x", "日本語" }, score = 1.5, raw = new byte[300], deep = new object[] { new object[] { -1, null! } } },
        });
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var mutated = (byte[])message.Clone();
            for (var j = random.Next(1, 4); j > 0; j--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            Assert.True(Survives(mutated), $"seed {seed}, round {i}");
        }
    }

    [Fact]
    public void What_bytes_announce_costs_no_memory()
    {
        // 64 arrays inside one another, each of which announces 2^32-1 elements; and lists of 1,000,000 in a few bytes.
        byte[][] bombs = [[.. Enumerable.Repeat<byte[]>([0xdd, 0xff, 0xff, 0xff, 0xff], 64).SelectMany(x => x)], [0xdd, 0x00, 0x0f, 0x42, 0x40, 0x01], [0xdf, 0xff, 0xff, 0xff, 0xff, 0x01], [0xc6, 0x7f, 0xff, 0xff, 0xff]];
        foreach (var bomb in bombs)
            Survives(bomb);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var bomb in bombs)
            Assert.True(Survives(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
    }

    private static bool Survives(byte[] bytes)
    {
        if (!Attempts.AllKeepThePositionUnlessOk(bytes))
            return false;
        var status = MessagePackElement.TryParse(bytes, out var element);
        if (status == MessagePackStatus.Ok)
        {
            // Everything that passed the check can be turned into anything that holds any value, but for keys that are the same.
            _ = element.ToString();
            try
            {
                _ = element.ToObject();
            }
            catch (FormatException exception)
            {
                Assert.Contains("each key once", exception.Message, StringComparison.Ordinal);
            }
        }

        _ = PackSerializer.TryDeserialize<object>(bytes, out _, out _);
        _ = PackSerializer.TryDeserialize<List<List<int>>>(bytes, out _, out _);
        _ = PackSerializer.TryDeserialize<Dictionary<string, object?>>(bytes, out _, out _);
        _ = PackSerializer.TryDeserialize<Everything>(bytes, out _, out _);
        _ = PackSerializer.TryDeserialize<(int, Everything[])>(bytes, out _, out _);
        _ = PackSerializer.TryDeserialize<JsonElement>(bytes, out _, out _);
        _ = PackSerializer.TryDeserialize<Dictionary<decimal, DateTimeOffset>>(bytes, out _, out _);
        _ = PackSerializer.TryDeserialize<SortedSet<object?>>(bytes, out _, out _);
        _ = PackSerializer.TryDeserialize<WithRest>(bytes, out _, out _);
        if (PackSerializer.TryDeserialize<JsonNode?>(bytes, out var node, out _))
            _ = node?.ToJsonString();
        return PackSerializer.TryDeserialize<MessagePackElement>(bytes, out _, out _) == (status == MessagePackStatus.Ok);
    }

    private static bool RoundTrip<T>(T value) => EqualityComparer<T>.Default.Equals(Back(value), value);

    private static T? Back<T>(T value)
    {
        Assert.True(PackSerializer.TryDeserialize<T>(PackSerializer.Serialize(value), out var back, out var error), error?.ToString());
        return back;
    }

    private sealed record WithRest(int Number)
    {
        [JsonExtensionData]
        public JsonObject? Rest { get; set; }
    }

    private sealed record Everything(int Number, string? Text, double Score, DateTime When, Guid Id, byte[]? Raw, List<Everything>? Children, Dictionary<string, int>? Counts, DayOfWeek Day);
}
