using System.Text;
using Ducts.Sessions;

namespace Ducts.Tests.Sessions;

public sealed class SessionUrlIdTests
{
    private static readonly string Secret = new('a', 40);

    [Theory]
    [InlineData("1646561146154-0")]
    [InlineData("1646561146154-10")]
    [InlineData("0-1")]
    [InlineData("18446744073709551615-18446744073709551615")]
    public void An_id_is_read_as_it_is_written(string streamId)
    {
        var text = new SessionUrlId(Secret, streamId).ToString();

        Assert.True(SessionUrlId.TryParse(text, out var id));
        Assert.Equal(new SessionUrlId(Secret, streamId), id);
        Assert.Equal(text, id.ToString());
    }

    // The stream id as Redis would take it for the same one, or as a lenient reader of numbers would.
    [Theory]
    [InlineData("+1646561146154-10")]
    [InlineData("01646561146154-10")]
    [InlineData("1646561146154-010")]
    [InlineData("1646561146154-+10")]
    [InlineData(" 1646561146154-10")]
    [InlineData("1646561146154-10 ")]
    [InlineData("1646561146154")]
    [InlineData("1646561146154-")]
    [InlineData("1646561146154-*")]
    [InlineData("1646561146154-10-0")]
    [InlineData("-1646561146154-10")]
    [InlineData("1646561146154--10")]
    [InlineData("1,646,561,146,154-10")]
    [InlineData("1646561146154-10\n")]
    [InlineData("1646561146154-10\0")]
    [InlineData("1.646561146154e12-10")]
    [InlineData("18446744073709551616-0")]
    [InlineData("-")]
    [InlineData("+")]
    public void Another_spelling_of_the_number_is_refused(string streamId) =>
        Assert.False(SessionUrlId.TryParse($"{Secret}.{Convert.ToBase64String(Encoding.ASCII.GetBytes(streamId))}", out _));

    // Of MTY0NjU2MTE0NjE1NC0xMA==, which is 1646561146154-10.
    [Theory]
    [InlineData("MTY0NjU2MTE0NjE1NC0xMA")]
    [InlineData("MTY0NjU2MTE0NjE1NC0xMA=")]
    [InlineData("MTY0NjU2MTE0NjE1NC0xMB==")]
    [InlineData("MTY0NjU2MTE0NjE1NC0xMP==")]
    [InlineData("MTY0NjU2 MTE0NjE1NC0xMA==")]
    [InlineData("\tMTY0NjU2MTE0NjE1NC0xMA==")]
    [InlineData("MTY0NjU2MTE0NjE1NC0xMA==\r\n")]
    [InlineData("MTY0NjU2MTE0NjE1NC0xMA= =")]
    [InlineData("MTY0NjU2MTE0NjE1NC0xMA====")]
    [InlineData("MTY0NjU2MTE0NjE1NC0xMA%3D%3D")]
    public void Another_spelling_of_the_base64_is_refused(string encoded)
    {
        Assert.True(SessionUrlId.TryParse(Secret + ".MTY0NjU2MTE0NjE1NC0xMA==", out _));
        Assert.False(SessionUrlId.TryParse($"{Secret}.{encoded}", out _));
    }

    [Fact]
    public void Another_spelling_of_the_secret_is_refused()
    {
        Assert.False(SessionUrlId.TryParse(Secret.ToUpperInvariant() + ".MTY0NjU2MTE0NjE1NC0w", out _));
        Assert.False(SessionUrlId.TryParse(Secret + "a.MTY0NjU2MTE0NjE1NC0w", out _));
        Assert.False(SessionUrlId.TryParse(Secret[1..] + ".MTY0NjU2MTE0NjE1NC0w", out _));
    }
}
