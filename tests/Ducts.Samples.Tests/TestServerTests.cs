using System.Text.Json;
using Ducts.Samples.Tests.Support;
using GuestBook.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Samples.Tests;

/// <summary>The sample inside ASP.NET Core's test server, where no socket is opened.</summary>
public sealed class TestServerTests(RedisFixture redis)
{
    private const int Sign = 1000;
    private const int Entries = 1001;
    private const int Visits = 1002;

    [Fact]
    public async Task A_guest_signs_and_reads_the_book()
    {
        await using var factory = new GuestBookFactory(redis.ConnectionString);
        using var socket = await TestSocket.OpenAsync(factory);

        var signed = await socket.CallAsync(1, Sign, new { name = "Ada", text = "Hello" });
        Assert.Equal("Ada", signed[2].GetProperty("name").GetString());
        await socket.CallAsync(2, Sign, new { name = "Grace", text = "Hi" });
        await socket.SendAsync(3, Entries);
        var stream = await socket.ReceiveRepliesAsync(3);

        Assert.Equal([1, 2, 3], stream.Select(static message => message[1].GetInt32()));
        Assert.Equal(["Ada", "Grace"], stream.Take(2).Select(static message => message[2][2].GetProperty("name").GetString()));
        Assert.Empty(factory.Log.Errors);
    }

    [Fact]
    public async Task What_one_guest_signs_is_pushed_to_the_others()
    {
        await using var factory = new GuestBookFactory(redis.ConnectionString);
        using var writer = await TestSocket.OpenAsync(factory);
        using var reader = await TestSocket.OpenAsync(factory);
        // The answer says that the session is open.
        await reader.CallAsync(1, Visits);

        await writer.CallAsync(1, Sign, new { name = "Ada", text = "Hello" });
        var push = await reader.ReceiveAsync();

        Assert.Equal((JsonValueKind.Null, Sign, "Ada"), (push[0].ValueKind, push[1].GetInt32(), push[2].GetProperty("name").GetString()));
        Assert.Empty(factory.Log.Errors);
    }

    [Fact]
    public async Task An_empty_entry_is_refused_with_the_handlers_own_words()
    {
        await using var factory = new GuestBookFactory(redis.ConnectionString);
        using var socket = await TestSocket.OpenAsync(factory);

        var refused = await socket.CallAsync(1, Sign, new { name = "Ada", text = " " });

        Assert.Contains("Write your name and a few words.", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_at_the_same_time_have_a_context_each_and_leave_none_behind()
    {
        const int Requests = 8;
        await using var factory = new GuestBookFactory(redis.ConnectionString);
        using var socket = await TestSocket.OpenAsync(factory);
        await socket.CallAsync(1, Visits);
        await factory.Trace.ClearAsync();
        factory.Trace.LetMeet(Requests);

        for (var id = 0; id < Requests; id++)
        {
            await socket.SendAsync(10 + id, Sign, new { name = $"guest {id}", text = "Hello" });
        }

        var replies = await socket.ReceiveRepliesAsync(Requests);

        Assert.All(replies, static reply => Assert.Equal(Sign, reply[1].GetInt32()));
        Assert.Equal(Requests, factory.Trace.Contexts.Count);
        await factory.Trace.AllDisposedAsync();
        Assert.Empty(factory.Log.Errors);
    }

    [Fact]
    public async Task A_streams_context_is_disposed_after_its_last_item()
    {
        await using var factory = new GuestBookFactory(redis.ConnectionString);
        using var socket = await TestSocket.OpenAsync(factory);
        await socket.CallAsync(1, Sign, new { name = "Ada", text = "Hello" });
        await factory.Trace.ClearAsync();

        await socket.SendAsync(2, Entries);
        var stream = await socket.ReceiveRepliesAsync(2);

        Assert.Equal("Ada", stream[0][2][2].GetProperty("name").GetString());
        Assert.Single(factory.Trace.Contexts);
        await factory.Trace.AllDisposedAsync();
        Assert.Empty(factory.Log.Errors);
    }

    [Fact]
    public async Task The_hooks_note_when_a_session_opens_and_closes()
    {
        // A client that has closed its socket may come back; not here.
        await using var factory = new GuestBookFactory(
            redis.ConnectionString, static services => services.Configure<DuctsOptions>(static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.Zero));
        using var socket = await TestSocket.OpenAsync(factory);

        Assert.True((await socket.CallAsync(1, Visits))[2].GetInt64() > 0);
        Assert.Null((await VisitAsync()).ClosedAt);
        await socket.CloseAsync();

        await Until.TrueAsync(async () => (await VisitAsync()).ClosedAt is not null);
        await factory.Trace.AllDisposedAsync();
        Assert.Empty(factory.Log.Errors);

        async Task<Visit> VisitAsync()
        {
            await using var scope = factory.Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<GuestBookContext>().Visits.SingleAsync();
        }
    }

    [Fact]
    public async Task The_latest_entries_are_read_over_HTTP()
    {
        await using var factory = new GuestBookFactory(redis.ConnectionString);
        using var socket = await TestSocket.OpenAsync(factory);
        await socket.CallAsync(1, Sign, new { name = "Ada", text = "Hello" });
        await socket.CallAsync(2, Sign, new { name = "Grace", text = "Hi" });
        using var http = factory.CreateClient();

        var latest = JsonElement.Parse(await http.GetStringAsync("/ducts/api/v1/entries/latest?count=1"));

        Assert.Equal(["Hi"], latest.EnumerateArray().Select(static entry => entry.GetProperty("text").GetString()));
        await factory.Trace.AllDisposedAsync();
    }

    [Fact]
    public async Task The_page_and_the_library_that_it_loads_are_served()
    {
        await using var factory = new GuestBookFactory(redis.ConnectionString);
        using var http = factory.CreateClient();

        Assert.Contains("<h1>Guest book</h1>", await http.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.NotEmpty(await http.GetByteArrayAsync("/ducts/libs/ducts.js"));
    }
}
