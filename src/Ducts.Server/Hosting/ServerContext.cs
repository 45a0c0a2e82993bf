using System.Collections.Concurrent;
using Ducts.Dispatch;
using Ducts.Handlers;
using Ducts.MessagePack;
using Ducts.Redis;
using Microsoft.Extensions.Options;

namespace Ducts.Hosting;

/// <summary>What all parts of one server share.</summary>
internal sealed class ServerContext(
    IOptions<DuctsOptions> options,
    RedisHost redis,
    HandlerRegistry handlers,
    IServiceProvider provider,
    TimeProvider time)
{
    public DuctsOptions Options { get; } = options.Value;

    /// <summary>The Redis client; there from the start of the server on.</summary>
    public IRedisClient Redis => redis.Client;

    public HandlerRegistry Handlers => handlers;

    /// <summary>The service container as handlers get it.</summary>
    public IServiceProvider Provider { get; } = new HandlerServices(provider);

    public TimeProvider Time => time;

    public MessagePackSerializerOptions Serializer { get; } = WireSerializer.Create();

    /// <summary>Values shared by all handlers and sessions.</summary>
    public ConcurrentDictionary<string, object?> ServerAttributes { get; } = new();

    /// <summary>The id of an event.</summary>
    /// <exception cref="KeyNotFoundException">No event has that key.</exception>
    public int EventId(string key) => handlers.Current.KeyIds.TryGetValue(key, out var id)
        ? id
        : throw new KeyNotFoundException($"There is no event '{key}'.");
}
