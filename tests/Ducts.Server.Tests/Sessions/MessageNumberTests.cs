using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

/// <summary>Which messages of a client count, and numbers that do not fit.</summary>
public sealed class MessageNumberTests(RedisFixture redis) : ResumingTests(redis)
{
    [Fact]
    public async Task Numbers_above_what_was_sent_end_the_session()
    {
        var client = await OpenAsync();
        Assert.Equal("close 4002 received more than was sent", await SayHelloAsync(1, client.Life, 2));
        await UntilEndedAsync();
        Assert.Equal("close 4005 there is no such session", await SayHelloAsync(0, client.Life, 3));
    }

    [Fact]
    public async Task A_receipt_above_what_was_sent_ends_the_session()
    {
        var client = await OpenAsync();
        await client.ConfirmAsync(1);
        Assert.Equal("close 4002 received more than was sent", await client.ReceiveAsync());
        await UntilEndedAsync();
    }

    [Fact]
    public async Task A_gap_is_named()
    {
        var client = await OpenAsync();
        await client.SendAsync("[1,1001,9]");
        await client.ReceiveAsync(10);
        await client.ConfirmAsync(7);
        await client.SendAsync("[2,1000,0]");
        await client.ReceiveAsync();
        Assert.Equal("close 4003 gap 4-7", await SayHelloAsync(3, client.Life, 2));
        await UntilEndedAsync();
    }

    [Theory]
    [InlineData("[null,7,\"x\"]")]
    [InlineData("[null,7,-1]")]
    [InlineData("[null,7,null]")]
    [InlineData("[null,13,null]")]
    public async Task Wrong_messages_without_a_number_are_ignored(string message)
    {
        var client = await OpenAsync();
        await client.SendAsync(message);
        Assert.Equal("[1,1000,\"a\"]", await client.CallAsync("[1,1000,\"a\"]"));
        var next = await ResumeAsync(1, client.Life, 2);
        Assert.Equal(1, next.Received);
    }

    [Fact]
    public async Task All_messages_but_receipts_count()
    {
        var client = await OpenAsync();
        await client.SendAsync("[1,1000,0]");
        await client.ReceiveAsync();
        await client.ConfirmAsync(1);
        await client.SendAsync("[2,6,77]");
        await client.SendAsync("[null,9,{\"id\":5,\"credit\":1}]");
        await client.SendAsync("[null,9,0]");
        await client.SendAsync("[null,1000,1]");
        await client.Wire.SendBinaryAsync(new byte[] { 0xc1 });
        await client.SendAsync("[3,1000,0]");
        await Until.TrueAsync(async () => (await client.ReceiveAsync()).StartsWith("[3,", StringComparison.Ordinal));
        var next = await ResumeAsync(1, client.Life, 2);
        Assert.Equal(7, next.Received);
    }

    [Fact]
    public async Task A_message_that_is_too_large_counts_and_is_named_on_the_next_connection()
    {
        var client = await OpenAsync(static options => options.WebSocketServer.MaxMessageSize = 1000);
        await client.SendAsync("[1,1000,0]");
        await client.ReceiveAsync();
        await client.SendAsync($"[2,1000,\"{new string('x', 2000)}\"]");
        Assert.Equal("close 1009 message over 1000 bytes", await client.ReceiveAsync());
        var next = await ResumeAsync(1, client.Life, 2);
        Assert.Equal(2, next.Received);
        Assert.Equal("[null,99,{\"number\":2,\"code\":1009}]", await next.ReceiveAsync());
    }

    [Fact]
    public async Task Text_that_is_none_counts_and_is_named_on_the_next_connection()
    {
        var client = await OpenAsync();
        await client.Wire.SendFrameAsync(Opcode.Text, new byte[] { 0xff });
        Assert.StartsWith("close 1007", await client.ReceiveAsync(), StringComparison.Ordinal);
        var next = await ResumeAsync(0, client.Life, 2);
        Assert.Equal(1, next.Received);
        Assert.Equal("[null,99,{\"number\":1,\"code\":1007}]", await next.ReceiveAsync());
    }
}
