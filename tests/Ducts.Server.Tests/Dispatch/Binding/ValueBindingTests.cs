using System.Numerics;
using System.Text.Json.Serialization;
using Ducts.MessagePack;

namespace Ducts.Tests.Dispatch.Binding;

/// <summary>What single values may be: content that is wrong is a ValueError, a wrong kind a TypeError.</summary>
public class ValueBindingTests
{
    internal static readonly Dictionary<string, Delegate> Handlers = new()
    {
        ["byte"] = (byte value) => value,
        ["short"] = (short value) => value,
        ["int"] = (int value) => value,
        ["uint"] = (uint value) => value,
        ["long"] = (long value) => value,
        ["ulong"] = (ulong value) => value,
        ["big"] = (BigInteger value) => value.ToString(),
        ["wide"] = (Int128 value) => value.ToString(),
        ["double"] = (double value) => value,
        ["float"] = (float value) => value,
        ["decimal"] = (decimal value) => value,
        ["bool"] = (bool value) => value,
        ["char"] = (char value) => value,
        ["guid"] = (Guid value) => value,
        ["enum"] = (DayOfWeek value) => value.ToString(),
        ["enumOrNull"] = (DayOfWeek? value = DayOfWeek.Friday) => value.ToString(),
        ["namedEnum"] = (Size value) => value.ToString(),
        ["dateTime"] = (DateTime value) => value.ToString("O"),
        ["moment"] = (DateTimeOffset value) => value.ToString("O"),
        ["date"] = (DateOnly value) => value.ToString("O"),
        ["time"] = (TimeOnly value) => value.ToString("O"),
        ["span"] = (TimeSpan value) => value.ToString(),
        ["uri"] = (Uri value) => value.OriginalString,
        ["bytes"] = (byte[] value) => Convert.ToHexStringLower(value),
        ["memory"] = (ReadOnlyMemory<byte> value) => Convert.ToHexStringLower(value.Span),
        ["record"] = (Attributed value) => $"{value.Id} {value.Hidden} {value.Size}",
    };

    [JsonConverter(typeof(JsonStringEnumConverter<Size>))]
    public enum Size
    {
        Small,
        [JsonStringEnumMemberName("x-large")]
        ExtraLarge,
    }

    public sealed class Attributed
    {
        [JsonPropertyName("@id")]
        public required int Id { get; init; }

        [JsonIgnore]
        public string Hidden { get; set; } = "hidden";

        public Size Size { get; init; }
    }

    [Theory]
    [InlineData("byte", "255", "reply 255")]
    [InlineData("byte", "256", "ValueError: argument 'value': expected an integer from 0 to 255, found 256")]
    [InlineData("byte", "-1", "ValueError: argument 'value': expected an integer from 0 to 255, found -1")]
    [InlineData("short", "-32769", "ValueError: argument 'value': expected an integer from -32768 to 32767, found -32769")]
    [InlineData("int", "2147483647", "reply 2147483647")]
    [InlineData("int", "2147483648", "ValueError: argument 'value': expected an integer from -2147483648 to 2147483647, found 2147483648")]
    [InlineData("int", "5.0", "reply 5")]
    [InlineData("int", "5.5", "TypeError: argument 'value': expected an integer, found a float")]
    [InlineData("int", "true", "TypeError: argument 'value': expected an integer, found a boolean")]
    [InlineData("uint", "4294967295", "reply 4294967295")]
    [InlineData("long", "9223372036854775807", "reply 9223372036854775807")]
    [InlineData("long", "-9223372036854775808", "reply -9223372036854775808")]
    [InlineData("long", "18446744073709551615", "ValueError: argument 'value': expected an integer from -9223372036854775808 to 9223372036854775807, found 18446744073709551615")]
    [InlineData("ulong", "18446744073709551615", "reply 18446744073709551615")]
    [InlineData("ulong", "-1", "ValueError: argument 'value': expected an integer from 0 to 18446744073709551615, found -1")]
    [InlineData("wide", "'170141183460469231731687303715884105727'", "reply '170141183460469231731687303715884105727'")]
    [InlineData("wide", "18446744073709551615", "reply '18446744073709551615'")]
    [InlineData("wide", "'1e3'", "TypeError: argument 'value': expected an integer, found a string")]
    [InlineData("big", "'123456789012345678901234567890'", "reply '123456789012345678901234567890'")]
    [InlineData("big", "{'value':-5}", "reply '-5'")]
    [InlineData("big", "{'valu':-5}", "TypeError: unknown argument 'valu'; did you mean 'value'?")]
    [InlineData("big", "true", "TypeError: argument 'value': expected an integer, found a boolean")]
    [InlineData("double", "1", "reply 1")]
    [InlineData("double", "-0.5", "reply -0.5")]
    [InlineData("double", "{'value':1e300}", "reply 1E+300")]
    [InlineData("float", "1e300", "ValueError: argument 'value': expected a number within the range of Single, found 1E+300")]
    [InlineData("decimal", "'0.10'", "reply '0.10'")]
    [InlineData("decimal", "0.1", "reply '0.1'")]
    [InlineData("decimal", "'ten'", "ValueError: argument 'value': expected a decimal number, found other text")]
    [InlineData("bool", "true", "reply true")]
    [InlineData("bool", "1", "TypeError: argument 'value': expected a boolean, found an integer")]
    [InlineData("char", "'x'", "reply 'x'")]
    public Task Numbers(string handler, string data, string expected) => Check(handler, data, expected);

    [Theory]
    [InlineData("guid", "'6f9619ff-8b86-d011-b42d-00c04fc964ff'", "reply '6f9619ff-8b86-d011-b42d-00c04fc964ff'")]
    [InlineData("guid", "'6f9619ff'", "ValueError: argument 'value': expected a GUID, found other text")]
    [InlineData("guid", "5", "TypeError: argument 'value': expected a GUID, found an integer")]
    [InlineData("dateTime", "'2022-03-06T17:14:15.05Z'", "reply '2022-03-06T17:14:15.0500000Z'")]
    [InlineData("dateTime", "'yesterday'", "ValueError: argument 'value': expected a date and time in ISO 8601, found other text")]
    [InlineData("moment", "'2022-03-06T17:14:15+09:00'", "reply '2022-03-06T17:14:15.0000000+09:00'")]
    [InlineData("moment", "5", "TypeError: argument 'value': expected a date and time in ISO 8601, found an integer")]
    [InlineData("date", "'2022-03-06'", "reply '2022-03-06'")]
    [InlineData("date", "'2022-02-30'", "ValueError: argument 'value': expected *, found other text")]
    [InlineData("time", "'17:14:15'", "reply '17:14:15.0000000'")]
    [InlineData("span", "'1.02:03:04'", "reply '1.02:03:04'")]
    [InlineData("uri", "'https://example.org/a b'", "reply 'https://example.org/a b'")]
    [InlineData("uri", "null", "TypeError: missing argument 'value'")]
    [InlineData("uri", "[null]", "TypeError: argument 'value': expected a value, found null")]
    public Task Texts_with_a_meaning(string handler, string data, string expected) => Check(handler, data, expected);

    [Theory]
    [InlineData("enum", "'Monday'", "reply 'Monday'")]
    [InlineData("enum", "1", "reply 'Monday'")]
    [InlineData("enum", "'Mumday'", "ValueError: argument 'value': expected *, found *")]
    [InlineData("enum", "true", "TypeError: argument 'value': expected *, found a boolean")]
    [InlineData("enumOrNull", "null", "reply 'Friday'")]
    [InlineData("enumOrNull", "[null]", "reply ''")]
    [InlineData("enumOrNull", "'Sunday'", "reply 'Sunday'")]
    [InlineData("namedEnum", "'x-large'", "reply 'ExtraLarge'")]
    public Task Enums(string handler, string data, string expected) => Check(handler, data, expected);

    [Theory]
    [InlineData("record", "{'@id':5,'size':'x-large'}", "reply '5 hidden ExtraLarge'")]
    [InlineData("record", "{'@id':5,'hidden':'shown'}", "reply '5 hidden Small'")]
    [InlineData("record", "{'size':'Small'}", "TypeError: argument 'value': expected the member '@id', found a map without it")]
    [InlineData("record", "{'@id':5,'size':'huge'}", "ValueError: argument 'size': expected *, found *")]
    [InlineData("record", "{'value':{'@id':5,'size':'huge'}}", "ValueError: argument 'value.size': expected *, found *")]
    public Task Records_with_attributes(string handler, string data, string expected) => Check(handler, data, expected);

    [Theory]
    [InlineData("bytes")]
    [InlineData("memory")]
    public async Task Bytes_come_as_bin_or_base64_and_are_the_handlers_own(string handler)
    {
        Assert.Equal("reply '0001ff'", await Handlers[handler].CallAsync([0xc4, 0x03, 0x00, 0x01, 0xff]));
        Assert.Equal("reply '0001ff'", await Handlers[handler].CallAsync([0x91, 0xc4, 0x03, 0x00, 0x01, 0xff]));
        await Check(handler, "'AAH/'", "reply '0001ff'");
        await Check(handler, "'*'", "ValueError: argument 'value': expected bytes, or a string in base64, found other text");
        await Check(handler, "5", "TypeError: argument 'value': expected bytes, found an integer");
    }

    [Fact]
    public async Task A_kept_value_outlives_the_requests_buffer()
    {
        var kept = new List<object>();
        var handler = (byte[] bytes, ReadOnlyMemory<byte> memory, MessagePackElement element, string text) =>
        {
            kept.AddRange([bytes, memory, element, text]);
        };

        await handler.CallAsync([0x94, 0xc4, 0x01, 0x05, 0xc4, 0x01, 0x06, 0x91, 0x07, 0xa1, 0x61]);

        Assert.Equal([5], (byte[])kept[0]);
        Assert.Equal([6], ((ReadOnlyMemory<byte>)kept[1]).ToArray());
        Assert.Equal(7, ((MessagePackElement)kept[2])[0].GetInt32());
        Assert.Equal("a", kept[3]);
    }

    [Fact]
    public async Task The_javascript_clients_numbers_that_are_none_are_read()
    {
        var handler = (double value) => double.IsNaN(value) ? "NaN" : double.IsPositiveInfinity(value) ? "+" : "-";

        Assert.Equal("reply 'NaN'", await handler.CallAsync([0xd4, 0x00, 0x01]));
        Assert.Equal("reply '+'", await handler.CallAsync([0x91, 0xd4, 0x00, 0x02]));
        Assert.Equal("reply '-'", await handler.CallAsync([0xd4, 0x00, 0x03]));
    }

    // A star stands for the codec's own words.
    private static async Task Check(string handler, string data, string expected)
    {
        var actual = await Handlers[handler].CallAsync(data);
        if (!expected.Contains('*', StringComparison.Ordinal) || data.Contains('*', StringComparison.Ordinal))
            Assert.Equal(expected, actual);
        else
            Assert.Matches("^" + System.Text.RegularExpressions.Regex.Escape(expected).Replace("\\*", ".+", StringComparison.Ordinal) + "$", actual);
    }
}
