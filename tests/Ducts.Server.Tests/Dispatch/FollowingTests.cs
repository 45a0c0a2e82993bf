using System.Globalization;
using System.Security.Claims;
using System.Text;
using System.Text.RegularExpressions;
using Ducts.Connections;
using Ducts.Dispatch;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Values;
using Ducts.Handlers;
using Ducts.Hosting;
using Ducts.Redis;
using Ducts.Sessions;
using Ducts.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ducts.Tests.Dispatch;

/// <summary>Ten thousand sessions that stream one Redis stream, from the request to the frames.</summary>
[Collection(Alone.Name)]
public sealed partial class FollowingTests(RedisFixture fixture)
{
    private const int Sessions = 10_000;
    private const int Entries = 5;
    private const int EventId = 1000;

    [Fact]
    public async Task An_entry_is_read_and_packed_once_for_all_sessions_that_follow()
    {
        await using var redis = await RedisClient.ConnectAsync(new RedisClientOptions { Uri = fixture.Uri }, NullLoggerFactory.Instance);
        await using var provider = Provide();
        var server = provider.GetRequiredService<ServerContext>();
        var wholes = (RedisStreamEntryConverter)server.Serializer.GetConverter<RedisStreamEntry>();
        var fields = (RedisFieldsConverter)server.Serializer.GetConverter<RedisFields>();
        Map(server, (CancellationToken token) => redis.PSubAndXRangeAsync("follow*", "followed", 0, token));
        var sessions = Enumerable.Range(0, Sessions).Select(_ => new Follower(provider, server)).ToArray();
        var (subscriptions, reads) = (await CallsAsync(redis, "psubscribe"), await CallsAsync(redis, "xrange"));
        foreach (var session in sessions)
            session.Send(DispatchHarness.Pack<object?>(null));
        await Until.TrueAsync(() => CallsAsync(redis, "xrange").GetAwaiter().GetResult() >= reads + Sessions);

        var (packedWholes, packedFields) = (wholes.Packings, fields.Packings);
        reads = await CallsAsync(redis, "xrange");
        for (var i = 0; i < Entries; i++)
            await redis.XAddAndPublishAsync("follow", "followed", "text", string.Create(CultureInfo.InvariantCulture, $"entry {i}"));
        await Until.TrueAsync(() => sessions.All(static session => session.Take().Contains("entry 4", StringComparison.Ordinal)));

        Assert.All(sessions, static session => Assert.Equal(["0", "1", "2", "3", "4"], EntryText().Matches(session.Take()).Select(static match => match.Groups[1].Value)));
        Assert.Equal(Entries, wholes.Packings - packedWholes);
        Assert.Equal(Entries, fields.Packings - packedFields);
        Assert.InRange(await CallsAsync(redis, "xrange") - reads, 1, Entries);
        Assert.Equal(1, await CallsAsync(redis, "psubscribe") - subscriptions);
        foreach (var session in sessions)
            session.Dispose();
    }

    [GeneratedRegex("entry ([0-9])")]
    private static partial Regex EntryText();

    [GeneratedRegex(":calls=([0-9]+)")]
    private static partial Regex Calls();

    private static ServiceProvider Provide()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationManager());
        services.AddDucts();
        return services.BuildServiceProvider();
    }

    private static void Map(ServerContext server, Delegate handler)
    {
        var spec = new HandlerSpec(EventId, "UNDER_TEST");
        var invoker = new LazyHandlerInvoker(HandlerSignature.Of(handler), handler, server.Serializer);
        server.Handlers.Swap(new HandlerSnapshot([spec], [], [new EventEntry(spec, invoker)]));
    }

    private static async Task<long> CallsAsync(RedisClient redis, string command)
    {
        var statistics = (await redis.ExecuteAsync("INFO", "commandstats")).AsString()!;
        var line = statistics.Split('\n').FirstOrDefault(line => line.StartsWith($"cmdstat_{command}:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(Calls().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>A session without a socket; what it is sent is gathered as text.</summary>
    private sealed class Follower : IDisposable
    {
        private readonly Dispatcher _dispatcher;
        private readonly Session _session;
        private readonly Connection _connection;
        private readonly InvocationScope _scope;
        private readonly StringBuilder _taken = new();

        public Follower(IServiceProvider provider, ServerContext server)
        {
            _dispatcher = provider.GetRequiredService<Dispatcher>();
            var ticket = new SessionTicket("1646561146154-0", new string('0', 40), new Dictionary<string, string>());
            _session = new Session(server, ticket, new ClaimsPrincipal(), provider.GetRequiredService<SessionLog>());
            _connection = new Connection(_session, _dispatcher, WebSocketTransport.Over(Stream.Null, static () => { }), TimeProvider.System);
            _session.Outbox.Attach(_connection);
            _scope = new InvocationScope(_session, _dispatcher);
        }

        public void Send(ReadOnlyMemory<byte> message) => _dispatcher.Dispatch(_scope, WireEncoding.MessagePack, message);

        public string Take()
        {
            while (_session.Outbox.TryTake(_connection, out var chunk))
            {
                _taken.Append(Encoding.Latin1.GetString(chunk!.Bytes.Span));
                _session.Outbox.Release(chunk);
            }

            return _taken.ToString();
        }

        public void Dispose()
        {
            _connection.Dispose();
            _session.Dispose();
        }
    }
}
