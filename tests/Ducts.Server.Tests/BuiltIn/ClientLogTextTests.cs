using System.Text;
using Ducts.BuiltIn;
using Ducts.MessagePack;
using Ducts.Tests.Support;

namespace Ducts.Tests.BuiltIn;

public sealed class ClientLogTextTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("null")]
    [InlineData("\"text \u65e5\u672c\"")]
    [InlineData("{\"a\":[1,-2.5,true,{\"b\":[]}],\"c\":{}}")]
    public void What_fits_is_JSON(string json) => Assert.Equal(json, ClientLogText.Of(Packed.From(json)));

    [Theory]
    [InlineData("81 01 c4 02 0102", "{\"1\":\"AQI=\"}")]
    [InlineData("92 d4 05 07 d6 ff 00000001", "[\"Bw==\",\"1970-01-01T00:00:01Z\"]")]
    [InlineData("81 91 01 02", "{\"[1]\":2}")]
    public void What_JSON_has_not_is_the_nearest(string hex, string text) => Assert.Equal(text, ClientLogText.Of(Packed.Hex(hex)));

    public static TheoryData<string, object> Large => new()
    {
        { "text", new string('x', 8_000_000) },
        { "characters of three bytes", new string('\u65e5', 1_000_000) },
        { "quotes", new string('"', 1_000_000) },
        { "bytes", new byte[8_000_000] },
        { "list", Enumerable.Repeat(new string('x', 10), 100_000).ToArray() },
        { "map", Enumerable.Range(0, 100_000).ToDictionary(static i => i) },
        { "key", new Dictionary<string, int> { [new string('k', 1_000_000)] = 1 } },
        { "lists inside of lists", Enumerable.Range(0, 60).Aggregate((object)new string('x', 100_000), static (inner, _) => new[] { "a", inner }) },
    };

    [Theory]
    [MemberData(nameof(Large), DisableDiscoveryEnumeration = true)]
    public void What_is_larger_is_cut_before_it_is_made_text(string kind, object value)
    {
        var data = PackSerializer.Serialize(value);
        ClientLogText.Of(data);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var text = ClientLogText.Of(data);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 512 * 1024);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 4 * 1024, ClientLogText.MaxLength + 3);
        Assert.EndsWith("…", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\ufffd', text.TrimEnd('…')[..^2]);
        output.WriteLine($"{kind}: {text.Length} characters");
    }
}
