using Ducts.Connections;
using Ducts.Telemetry;
using Microsoft.Extensions.Options;

namespace Ducts.Sessions;

/// <summary>Holds the services that all sessions of a server share.</summary>
internal sealed class SessionContext(
    IOptions<DuctsOptions> options,
    TimeProvider time,
    IMessageDispatcher dispatcher,
    ISessionObserver observer,
    IPushPacker pushes,
    IRedisSource redis,
    ServerAttributes attributes,
    DispatchWatch watch,
    MemoryBudget memory,
    ServerMetrics metrics,
    SessionLog log)
{
    public DuctsWebSocketOptions Options { get; } = options.Value.WebSocketServer;

    /// <summary>Gets the time between two answers to ALIVE_MONITORING.</summary>
    public TimeSpan AliveInterval { get; } = options.Value.Event.AliveMonitoringInterval;

    public TimeProvider Time => time;

    public IMessageDispatcher Dispatcher => dispatcher;

    public ISessionObserver Observer => observer;

    public IPushPacker Pushes => pushes;

    public IRedisSource Redis => redis;

    public ServerAttributes Attributes => attributes;

    public DispatchWatch Watch => watch;

    public MemoryBudget Memory => memory;

    public ServerMetrics Metrics => metrics;

    public SessionLog Log => log;
}
