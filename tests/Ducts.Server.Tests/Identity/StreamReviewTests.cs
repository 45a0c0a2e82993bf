using System.Runtime.CompilerServices;
using Ducts.Tests.Support;
using Ducts.Topics;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Server.Tests.Identity;

/// <summary>Streams go on after their session's user has authenticated anew, or end with what the user has lost.</summary>
public class StreamReviewTests(RedisFixture redis)
{
    [Theory]
    [InlineData("ada role=clerk", 3000, "the role admin")]
    [InlineData("ada role=clerk", 3001, "the role admin")]
    [InlineData("ada role=clerk age=9", 3002, "a condition that this user does not meet")]
    [InlineData("ada role=clerk", 3003, "the role admin")]
    [InlineData("ada role=admin", 3000, null)]
    [InlineData("ada role=clerk age=30", 3002, null)]
    [InlineData("ada", 3004, null)]
    public async Task A_stream_ends_when_its_user_may_not_have_it_any_more(string user, int id, string? missing)
    {
        var going = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await GuardedServer.StartAsync(redis, map: app =>
        {
            app.MapEvent(3000, "HEEDS", NumbersAsync).RequireAuthorization(static policy => policy.RequireRole("admin"));
            app.MapEvent(3001, "HEEDS_NOT", () => WaitAsync(going.Task)).RequireAuthorization(static policy => policy.RequireRole("admin"));
            app.MapEvent(3002, "PER_CALL", NumbersAsync).RequireAuthorization(static policy => policy.RequireAssertion(static context => context.User.FindFirst("age")?.Value != "9"));
            app.MapEvent(3003, "FILTERED", NumbersAsync).RequireAuthorization(static policy => policy.RequireRole("admin")).AddFilter<Through>();
            app.MapEvent(3004, "OPEN", NumbersAsync);
        });
        await using var client = await server.OpenAsync("ada role=admin age=40");
        await client.SendAsync($"[1, {id}, null]");
        Assert.StartsWith("[1,1,", await client.ReceiveAsync(), StringComparison.Ordinal);
        var ticket = await server.IssueTicketAsync(user);
        await client.SendAsync($$"""[2, 10, {"ticket": "{{ticket}}"}]""");

        var messages = await ReceiveUntilAsync(client, static message => message.StartsWith("[2,", StringComparison.Ordinal));
        Assert.Equal("[2,10,true]", messages[^1]);
        going.SetResult();
        if (missing is null)
        {
            await ReceiveUntilAsync(client, static message => message.StartsWith("[1,2,", StringComparison.Ordinal));
            await client.SendAsync("[3, 6, 1]");
            Assert.Equal($"[1,3,[1,{id},null]]", (await ReceiveUntilAsync(client, static message => message.StartsWith("[1,3,", StringComparison.Ordinal)))[^1]);
            return;
        }

        // The error may have come before the answer to AUTHENTICATE.
        if (!messages.Any(static message => message.StartsWith("[1,3,", StringComparison.Ordinal)))
            messages.AddRange(await ReceiveUntilAsync(client, static message => message.StartsWith("[1,3,", StringComparison.Ordinal)));
        messages.RemoveAll(static message => message.StartsWith("[2,", StringComparison.Ordinal));
        Assert.Equal([$"[1,2,[1,-{id},\"PermissionError('this event needs {missing}')\"]]", $"[1,3,[1,-{id},null]]"], messages[^2..]);
        if (id == 3001)
            Assert.Equal(2, messages.Count);
    }

    [Fact]
    public async Task A_topic_is_not_heard_any_more_by_a_user_who_may_not_have_it()
    {
        var topic = new Topic<string>();
        await using var server = await GuardedServer.StartAsync(redis, map: app =>
            app.MapEvent(3000, "NEWS", () => topic.Subscribe()).RequireAuthorization(static policy => policy.RequireRole("admin")));
        await using var client = await server.OpenAsync("ada role=admin");
        await using var other = await server.OpenAsync("bob role=admin");
        await client.SendAsync("[1, 3000, null]");
        await other.SendAsync("[1, 3000, null]");
await Until.TrueAsync(() => topic.SubscriberCount == 2);
        topic.Publish("first");
        Assert.Equal("[1,1,[1,3000,\"first\"]]", await client.ReceiveAsync());

        var ticket = await server.IssueTicketAsync("ada role=clerk");
        await client.SendAsync($$"""[2, 10, {"ticket": "{{ticket}}"}]""");
        await Until.TrueAsync(() => topic.SubscriberCount == 1);
        topic.Publish("secret");
        await client.SendAsync("[3, 200, null]");

        var heard = await ReceiveUntilAsync(client, static message => message.StartsWith("[3,", StringComparison.Ordinal));
        Assert.DoesNotContain(heard, static message => message.Contains("secret", StringComparison.Ordinal));
        Assert.Contains("[1,2,[1,-3000,\"PermissionError('this event needs the role admin')\"]]", heard);
        Assert.Equal(["[1,1,[1,3000,\"first\"]]", "[1,2,[1,3000,\"secret\"]]"], await other.ReceiveAsync(2));
    }

    private static async Task<List<string>> ReceiveUntilAsync(WireClient client, Func<string, bool> isLast)
    {
        var messages = new List<string>();
        do
            messages.Add(await client.ReceiveAsync());
        while (!isLast(messages[^1]));
        return messages;
    }

    private static async IAsyncEnumerable<int> NumbersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var at = 0; ; at++)
        {
            yield return at;
            await Task.Delay(1, cancellationToken);
        }
    }

    // It heeds no token, and has one more item when it goes on.
    private static async IAsyncEnumerable<int> WaitAsync(Task going)
    {
        yield return 1;
        await going;
        yield return 2;
        await Task.Delay(Timeout.Infinite, CancellationToken.None);
    }

    private sealed class Through : IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) => next(context);
    }
}
