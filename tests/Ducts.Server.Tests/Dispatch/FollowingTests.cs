using System.Globalization;
using System.Security.Claims;
using System.Text.RegularExpressions;
using System.Text;
using Ducts.Connections;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Values;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.Hosting;
using Ducts.Protocol;
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
        var serializer = provider.GetRequiredService<WireSerializer>().Options;
        var wholes = (RedisStreamEntryConverter)serializer.GetConverter<RedisStreamEntry>();
        var fields = (RedisFieldsConverter)serializer.GetConverter<RedisFields>();
        Map(provider, (CancellationToken token) => redis.PSubAndXRangeAsync("follow*", "followed", 0, token));
        var sessions = Enumerable.Range(0, Sessions).Select(_ => new Follower(provider)).ToArray();
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

    private static void Map(IServiceProvider provider, Delegate handler)
    {
        var mapped = MappedEvent.Of(EventId, "UNDER_TEST", handler, provider.GetRequiredService<WireSerializer>());
        provider.GetRequiredService<HandlerRegistry>().Swap(new HandlerSnapshot([mapped.Spec], [], [new EventEntry(mapped.Spec, mapped.Invoker!, mapped.Code)]));
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
        private readonly Session _session;
        private readonly Connection _connection;
        private readonly IMessageDispatch _dispatch;
        private readonly StringBuilder _taken = new();

        public Follower(IServiceProvider provider)
        {
            var ticket = new SessionTicket("1646561146154-0", SessionFields.Empty);
            _session = new Session(provider.GetRequiredService<SessionContext>(), ticket, new SessionUser());
            _connection = provider.GetRequiredService<ConnectionFactory>().Create(_session, WebSocketTransport.Over(Stream.Null, static () => { }));
            _session.Outbox.Attach(_connection);
            _dispatch = provider.GetRequiredService<Dispatcher>().CreateDispatch(_session.Channel);
        }

        public void Send(ReadOnlyMemory<byte> message) => _dispatch.Dispatch(WireEncoding.MessagePack, message, credit: 0);

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
