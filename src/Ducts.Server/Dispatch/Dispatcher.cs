using Ducts.Dispatch.Errors;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Redis;
using Ducts.Sessions;
using Ducts.Telemetry;
using Microsoft.Extensions.Options;

namespace Ducts.Dispatch;

/// <summary>Holds what all requests of a server share: the events and the services.</summary>
/// <remarks>Threading: any thread; without state of its own.</remarks>
internal sealed class Dispatcher(
    IOptions<DuctsOptions> options,
    IEventTable events,
    IServiceProvider services,
    IRedisSource redis,
    TimeProvider time,
    ErrorReporter errors,
    DispatchLog log,
    ServerMetrics metrics) : IMessageDispatcher
{
    // Items beyond this make a message of the largest size out of empty arrays; honest data has fewer.
    private const int MaxItems = 1024 * 1024;

    public MessagePackLimits Limits { get; } = new(options.Value.WebSocketServer.MaxDepth, MaxItems, options.Value.WebSocketServer.MaxMessageSize);

    public IEventTable Events => events;

    /// <summary>Gets the application's container, of which requests have scopes.</summary>
    public IServiceProvider Services => services;

    public IRedisClient Redis => redis.Client;

    public TimeProvider Time => time;

    public ErrorReporter Errors => errors;

    public DispatchLog Log => log;

    public ServerMetrics Metrics => metrics;

    public IMessageDispatch CreateDispatch(IReplyChannel channel) => new MessageDispatch(channel, this);
}
