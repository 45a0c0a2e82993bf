using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Ducts.Connections;
using Ducts.MessagePack;
using Ducts.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Server.Tests.Identity;

/// <summary>A request whose rights take time to find out, or that passes filters, is answered as one that needs neither.</summary>
public sealed class DetachedRequestTests(RedisFixture redis) : IDisposable
{
    private const int Direct = 3000;
    private const int Guarded = 3100;
    private const int Filtered = 3200;
    private const int Both = 3300;

    private static readonly string[] Names =
    [
        "VALUE", "NOTHING", "NULL", "TASK", "TASK_OF", "VALUE_TASK", "OBJECT", "STREAM", "SEQUENCE", "LIST", "CHANNEL", "TASK_OF_STREAM", "TASK_OF_NO_STREAM", "BYTES", "EVENT",
        "SESSION", "SERVICE", "THROWS", "THROWS_LATER", "STREAM_THROWS", "SECRET", "LARGE", "EMPTY_STREAM", "OBJECT_STREAM", "TASK_OF_OBJECT_STREAM", "UNPACKABLE",
    ];

    private readonly Gate _gate = new();

    public static TheoryData<int, string> Ways
    {
        get
        {
            var ways = new TheoryData<int, string>();
            foreach (var way in (int[])[Guarded, Filtered, Both])
            {
                foreach (var name in Names)
                    ways.Add(way, name);
            }

            return ways;
        }
    }

    public void Dispose() => _gate.Open();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Its_answer_is_the_same(int way, string name)
    {
        _gate.Open();
        await using var server = await StartAsync();
        await using var client = await server.OpenAsync("ada");
        var at = Array.IndexOf(Names, name);

        foreach (var data in (string[])["\"text\"", "[\"text\"]", "{\"wrong\": 1}", "17"])
        {
            var expected = await AnswerAsync(client, Direct + at, data);
            Assert.Equal(expected, await AnswerAsync(client, way + at, data));
        }

        // Nothing more came, and nothing has been left.
        Assert.Equal("[\"end\",200,0]", Plain(await client.CallAsync("[\"end\", 200, null]")));
    }

    [Theory]
    [InlineData(Guarded)]
    [InlineData(Filtered)]
    [InlineData(Both)]
    public async Task One_in_JSON_text_is_answered_in_JSON_text(int way)
    {
        _gate.Open();
        await using var server = await StartAsync();
        await using var client = await server.OpenAsync("ada");

        await client.SendTextAsync($$"""{"request_id": "r", "event_id": {{way}}, "data": "text"}""");
        Assert.Equal($$"""text {"request_id":"r","event_id":{{way}},"data":"text"}""", await client.ReceiveAsync());
        await client.SendTextAsync($$"""{"request_id": "s", "event_id": {{way + 8}}, "data": "text"}""");
        var messages = await client.ReceiveAsync(3);
        Assert.All(messages, static message => Assert.StartsWith("text {", message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Guarded)]
    [InlineData(Both)]
    public async Task One_that_is_cancelled_while_its_rights_are_looked_up_is_answered_once_and_does_not_run(int way)
    {
        await using var server = await StartAsync();
        await using var client = await server.OpenAsync("ada");
        var ran = _gate.Ran;

        await client.SendAsync($"[1, {way}, \"text\"]");
        await Until.TrueAsync(() => _gate.Waiting == 1);
        await client.SendAsync("[2, 6, 1]");
        string[] expected = [$"[1,-{way},\"RuntimeError('cancelled')\"]", "[2,6,true]"];
        Assert.Equal(expected, (await client.ReceiveAsync(2)).Order(StringComparer.Ordinal));
        _gate.Open();
        Assert.Equal(ran, _gate.Ran);
        Assert.StartsWith("[3,200,", await client.CallAsync("[3, 200, null]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_whose_session_ends_while_its_rights_are_looked_up_does_not_run_and_leaves_nothing()
    {
        await using var server = await StartAsync();
        var client = await server.OpenAsync("ada");
        await client.SendAsync($"[1, {Both}, \"text\"]");
        await Until.TrueAsync(() => _gate.Waiting == 1);
        await client.SendFrameAsync(Opcode.Close, new byte[] { 0x03, 0xe8 });
        Assert.StartsWith("close 1000", await client.ReceiveAsync(), StringComparison.Ordinal);
        await client.DisposeAsync();
        await Until.TrueAsync(() => _gate.Cancelled == 1);
        Assert.Equal(0, _gate.Ran);
        await Until.TrueAsync(() => server.Services.GetRequiredService<ISessionCollection>().Count == 0);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Others_of_the_session_are_answered_meanwhile()
    {
        await using var server = await StartAsync();
        await using var client = await server.OpenAsync("ada");
        await client.SendAsync($"[1, {Guarded}, \"text\"]");
        await Until.TrueAsync(() => _gate.Waiting == 1);
        Assert.Equal($"[2,{Direct},\"text\"]", await client.CallAsync($"[2, {Direct}, \"text\"]"));
        _gate.Open();
        Assert.Equal($"[1,{Guarded},\"text\"]", await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_policy_that_fails_refuses_the_call_and_is_logged()
    {
        await using var server = await StartAsync(static app => app.MapEvent(3400, "BROKEN", static () => 1)
            .RequireAuthorization(static policy => policy.RequireAssertion(bool (_) => throw new InvalidOperationException("password is 12345"))));
        await using var client = await server.OpenAsync("ada");
        Assert.Matches("""^\[1,-3400,"RuntimeError\('internal error, reference [0-9a-f]{8}'\)"\]$""", await client.CallAsync("[1, 3400, null]"));
        Assert.Contains("password is 12345", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
    }

    // All messages of one answer, without what differs by the event's id.
    private static async Task<string> AnswerAsync(WireClient client, int id, string data)
    {
        await client.SendAsync($"[\"r\", {id}, {data}]");
        var answer = new StringBuilder();
        var isStream = false;
        string message;
        do
        {
            message = Plain(await client.ReceiveAsync());
            isStream |= message.Contains(",1,[", StringComparison.Ordinal);
            answer.AppendLine(message.Replace($"{id}", "ID", StringComparison.Ordinal));
        }
        while (isStream && !message.Contains(",3,[", StringComparison.Ordinal));
        return answer.ToString();
    }

    private static string Plain(string message)
    {
        message = System.Text.RegularExpressions.Regex.Replace(message, "reference [0-9a-f]{8}", "reference R");
        return System.Text.RegularExpressions.Regex.Replace(message, ",200,\"[0-9]+\"", ",200,0");
    }

    private Task<GuardedServer> StartAsync(Action<WebApplication>? map = null) => GuardedServer.StartAsync(
        redis,
        ducts =>
        {
            ducts.Services.Configure<DuctsOptions>(static options => options.WebSocketServer.ReconnectTimeout = TimeSpan.Zero);
            ducts.Services.AddScoped<Unit>();
            ducts.Services.AddSingleton(_gate);
            ducts.Services.AddSingleton<IAuthorizationHandler, Later>();
        },
        app =>
        {
            Map(app, Direct, static _ => { });
            Map(app, Guarded, static mapped => mapped.RequireAuthorization(static policy => policy.AddRequirements(new Slow())));
            Map(app, Filtered, static mapped => mapped.AddFilter<Through>().AddFilter<Slowly>());
            Map(app, Both, static mapped => mapped.AddFilter<Slowly>().RequireAuthorization(static policy => policy.AddRequirements(new Slow())));
            map?.Invoke(app);
        });

    private void Map(IEndpointRouteBuilder app, int first, Action<DuctsEventConventionBuilder> configure)
    {
        Delegate[] functions =
        [
            (string text) => { _gate.Note(); return text; },
            (string text) => { },
            string? (string text) => null,
            async Task (string text) => await Task.Yield(),
            async Task<string> (string text) => { await Task.Yield(); return text; },
            (string text) => ValueTask.FromResult(text),
            object (string text) => new { text },
            StreamAsync,
            Sequence,
            List<string> (string text) => [text, text],
            Channel,
            async Task<IAsyncEnumerable<string>> (string text, CancellationToken token) => { await Task.Yield(); return StreamAsync(text, token); },
            async Task<IEnumerable<string>> (string text) => { await Task.Yield(); return [text]; },
            Stream (string text) => new MemoryStream(Encoding.UTF8.GetBytes(text)),
            (DuctsEvent request) => request.Data,
            (string text, IEventSession session) => session.RequestId,
            (string text, [FromServices] Unit unit) => unit.GetType().Name,
            string (string text) => throw new KeyNotFoundException(text),
            async Task<string> (string text) => { await Task.Yield(); throw new FormatException(text); },
            StreamThrows,
            string (string text) => throw new InvalidOperationException("password is 12345"),
            (string text) => new string('x', 200_000),
            EmptyAsync,
            object (string text, CancellationToken token) => StreamAsync(text, token),
            async Task<object> (string text, CancellationToken token) => { await Task.Yield(); return StreamAsync(text, token); },
            (string text) => new Unpackable(),
        ];
        for (var at = 0; at < functions.Length; at++)
            configure(app.MapEvent(first + at, $"{Names[at]}_{first}", functions[at]));
    }

    private static async IAsyncEnumerable<string> StreamAsync(string text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var at = 0; at < 3; at++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return text;
        }
    }

    private static async IAsyncEnumerable<string> EmptyAsync(string text)
    {
        await Task.Yield();
        yield break;
    }

    private static IEnumerable<string> Sequence(string text)
    {
        yield return text;
        yield return text;
    }

    private static IEnumerable<string> StreamThrows(string text)
    {
        yield return text;
        throw new KeyNotFoundException(text);
    }

    private static ChannelReader<string> Channel(string text)
    {
        var channel = System.Threading.Channels.Channel.CreateUnbounded<string>();
        channel.Writer.TryWrite(text);
        channel.Writer.Complete();
        return channel.Reader;
    }

    public sealed class Unpackable
    {
        public string Name => throw new KeyNotFoundException("no name");
    }

    public sealed class Unit;

    private sealed class Slow : IAuthorizationRequirement;

    /// <summary>Where checks wait.</summary>
    private sealed class Gate
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _waiting;
        private int _cancelled;
        private int _ran;

        public int Waiting => Volatile.Read(ref _waiting);

        public int Cancelled => Volatile.Read(ref _cancelled);

        public int Ran => Volatile.Read(ref _ran);

        public void Open() => _open.TrySetResult();

        public void Note() => Interlocked.Increment(ref _ran);

        public async Task PassAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            Interlocked.Increment(ref _waiting);
            try
            {
                await _open.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref _cancelled);
                // One that does not heed the token comes to its end later.
                if (!cancellationToken.IsCancellationRequested)
                    throw;
            }
        }
    }

    private sealed class Later(Gate gate) : AuthorizationHandler<Slow, EventContext>
    {
        protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, Slow requirement, EventContext resource)
        {
            await gate.PassAsync(resource.CancellationToken);
            Assert.Equal("ada", resource.User.Identity!.Name);
            context.Succeed(requirement);
        }
    }

    private sealed class Through : IEventFilter
    {
        public ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next) => next(context);
    }

    private sealed class Slowly(Gate gate, [FromServices] Unit unit) : IEventFilter
    {
        public async ValueTask<object?> InvokeAsync(EventContext context, EventFilterDelegate next)
        {
            Assert.NotNull(unit);
            await gate.PassAsync(context.CancellationToken);
            var result = await next(context);
            await Task.Yield();
            return result;
        }
    }
}
