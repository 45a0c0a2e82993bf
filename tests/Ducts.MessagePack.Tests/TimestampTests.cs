using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ducts.MessagePack.Tests;

public sealed class TimestampTests
{
    // 1970-01-01T00:00:01, and 123,456,789 ns after it.
    private static readonly byte[] Second = [0xd6, 0xff, 0, 0, 0, 1];
    private static readonly byte[] Fine = [0xc7, 12, 0xff, 0x07, 0x5b, 0xcd, 0x15, 0, 0, 0, 0, 0, 0, 0, 1];

    [Fact]
    public void A_timestamp_is_written_as_UTC_with_Z_by_whatever_it_was_read_as()
    {
        const string Text = "1970-01-01T00:00:01Z";

        Assert.Equal(Text, Again<object>(Second));
        Assert.Equal(Text, Again<MessagePackElement>(Second));
        Assert.Equal(Text, Again<DateTime>(Second));
        Assert.Equal(Text, Again<JsonElement>(Second));
        Assert.Equal(Text, Again<JsonNode>(Second));
        Assert.Equal("{\"a\":\"" + Text + "\"}", MessagePackElement.Parse((byte[])[0x81, 0xa1, (byte)'a', .. Second]).ToString());
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1), MessagePackElement.Parse(Second).ToObject());
    }

    [Fact]
    public void Nanoseconds_are_not_cut_off()
    {
        const string Text = "1970-01-01T00:00:01.123456789Z";

        Assert.Equal(Text, Again<object>(Fine));
        Assert.Equal(Text, Again<MessagePackElement>(Fine));
        Assert.Equal(Text, Again<JsonElement>(Fine));
        Assert.Equal(Text, Again<JsonNode>(Fine));

        // 1 ns, and 120 ns.
        Assert.Equal("1970-01-01T00:00:01.000000001Z", Again<object>([0xc7, 12, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]));
        Assert.Equal("1970-01-01T00:00:01.00000012Z", Again<object>([0xc7, 12, 0xff, 0, 0, 0, 120, 0, 0, 0, 0, 0, 0, 0, 1]));
    }

    [Theory]
    [InlineData("1970-01-01T00:00:01.123456789Z")]
    [InlineData("1970-01-01T00:00:01.1234567890123456Z")]
    [InlineData("1970-01-01T09:00:01.12345678+09:00")]
    [InlineData("1970-01-01T00:00:01.1234567Z")]
    public void A_text_finer_than_100_ns_is_a_date_to_100_ns(string text)
    {
        var expected = DateTimeOffset.UnixEpoch.AddSeconds(1).AddTicks(1_234_567);

        Assert.True(PackSerializer.TryDeserialize<DateTimeOffset>(PackSerializer.Serialize(text), out var offset, out _));
        Assert.Equal(expected, offset);
        Assert.True(PackSerializer.TryDeserialize<DateTime>(PackSerializer.Serialize(text), out var time, out _));
        Assert.Equal(expected.UtcDateTime, time.ToUniversalTime());
    }

    [Theory]
    [InlineData("1970-01-01T00:00:01.12345678901234567Z")]
    [InlineData("1970-01-01T00:00:01.12345678x")]
    public void A_text_that_System_Text_Json_would_not_take_is_no_date(string text)
        => Assert.False(PackSerializer.TryDeserialize<DateTimeOffset>(PackSerializer.Serialize(text), out _, out _));

    [Fact]
    public void Dates_say_what_they_know_of_their_offset()
    {
        var local = new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Local);

        Assert.Equal("2024-01-02T03:04:05Z", Text(new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc)));
        Assert.Equal("2024-01-02T03:04:05", Text(new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Unspecified)));
        Assert.Equal(local, DateTimeOffset.Parse(Text(local), System.Globalization.CultureInfo.InvariantCulture).LocalDateTime);
        Assert.Equal("2024-01-02T03:04:05+00:00", Text(new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.Zero)));
        Assert.Equal("2024-01-02T03:04:05+09:00", Text(new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.FromHours(9))));
    }

    [Fact]
    public void An_extension_that_no_client_can_read_is_named()
    {
        var extension = Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize(MessagePackElement.Parse(new byte[] { 0x91, 0xd4, 5, 1 })));
        Assert.Equal((sbyte)5, extension.ExtensionType);
        Assert.Equal("An extension of type 5 cannot be packed: no client could read it.", extension.Message);

        // Three hundred million years from now.
        var late = Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize(MessagePackElement.Parse(new byte[] { 0xc7, 12, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0 })));
        Assert.Equal("A timestamp outside of the years 1 to 9999 cannot be packed.", late.Message);
        Assert.Null(Assert.Throws<MessagePackWriteException>(() => PackSerializer.Serialize<object>(() => 1)).ExtensionType);
    }

    private static string Again<T>(byte[] packed)
    {
        Assert.True(PackSerializer.TryDeserialize<T>(packed, out var value, out var error), error?.ToString());
        return Text(value);
    }

    private static string Text<T>(T value) => MessagePackElement.Parse(PackSerializer.Serialize(value)).GetString()!;
}
