using System.Text;
using Ducts.Sessions;

namespace Ducts.Tests.Sessions;

public sealed class SessionTicketTests
{
    [Fact]
    public void Fields_come_back_in_order_and_of_a_name_that_occurs_twice_the_last_value()
    {
        KeyValuePair<string, string>[] fields = [new("ip", "::1"), new("ssid", "hash"), new("room", "1"), new("", ""), new("room", "2"), new("\u65e5\0\"\\", "\U0001F388\n")];

        Assert.True(SessionTicket.TryUnpack(SessionTicket.Pack(fields), out var unpacked));

        Assert.Equal("ip=::1|ssid=hash|room=2|=|\u65e5\0\"\\=\U0001F388\n", string.Join('|', unpacked.Select(static field => $"{field.Key}={field.Value}")));
    }

    [Theory]
    [InlineData("'")]
    [InlineData("<")]
    [InlineData("&")]
    [InlineData("+")]
    [InlineData("\"")]
    [InlineData("\u00e9")]
    [InlineData("\u65e5")]
    public void What_a_stranger_sends_takes_hardly_more_room_than_it_had(string character)
    {
        var text = string.Concat(Enumerable.Repeat(character, 1000));
        Assert.InRange(SessionTicket.Pack([new("uuid", text)]).Length, 1000, (2 * Encoding.UTF8.GetByteCount(text)) + 20);
    }
}
