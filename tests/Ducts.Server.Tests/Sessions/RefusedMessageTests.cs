using Ducts.Tests.Support;

namespace Ducts.Tests.Sessions;

public sealed class RefusedMessageTests(RedisFixture redis)
{
    [Theory]
    [InlineData("[null,9,{\"id\":9,\"credit\":1}]")]
    [InlineData("[4,1011,null]")]
    public async Task A_refused_message_is_confirmed_whatever_came_behind_it_while_others_waited(string behind)
    {
        await using var server = await WireServer.StartAsync(redis, static options =>
        {
            options.WebSocketServer.MaxInflight = 1;
            options.WebSocketServer.MaxMessageSize = 1000;
        });
        var issued = await server.IssueAsync();
        await using var client = await server.ResumeAsync(issued);
        await client.SendAsync("[1,1006,\"runs\"]");
        await Until.TrueAsync(() => server.Events.Held == 1);
        await client.SendAsync("[2,1011,null]");
        await client.SendAsync($"[3,1000,\"{new string('x', 2000)}\"]");
        await Until.TrueAsync(async () => (await client.ReceiveAsync()).StartsWith("close 1009", StringComparison.Ordinal));

        await using var next = await server.ResumeAsync(issued, 0, client.Life, 2);
        await next.SendAsync(behind);
        await next.SendAsync("[\"c\",6,777]");
        await Until.TrueAsync(async () => await next.ReceiveAsync() == "[\"c\",6,false]");
        server.Events.Release.TrySetResult();

        // Its client counts all of the refused message: it may have to be told before it can send anything else.
        await Until.TrueAsync(async () => await next.Wire.ReceiveAsync() is "[null,7,4]" or "[null,7,5]");
    }
}
