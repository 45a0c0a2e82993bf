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
    IGroupKeeper groups,
    IRedisSource redis,
    ServerAttributes attributes,
    DispatchWatch watch,
    TimerWheel wheel,
    MemoryBudget memory,
    LateSignals lateSignals,
    ServerMetrics metrics,
    SessionLog log,
    IRequestRates? rates = null)
{
    public DuctsWebSocketOptions Options { get; } = options.Value.WebSocketServer;

    /// <summary>Gets the time between two answers to ALIVE_MONITORING.</summary>
    public TimeSpan AliveInterval { get; } = options.Value.Event.AliveMonitoringInterval;

    /// <summary>Gets how long a session goes on after its user's authentication has expired.</summary>
    public TimeSpan AuthGrace { get; } = options.Value.Auth.AuthGrace;

    public TimeProvider Time => time;

    public IMessageDispatcher Dispatcher => dispatcher;

    public ISessionObserver Observer => observer;

    public IPushPacker Pushes => pushes;

    /// <summary>Gets what keeps the groups that sessions are in.</summary>
    public IGroupKeeper Groups => groups;

    public IRedisSource Redis => redis;

    public ServerAttributes Attributes => attributes;

    public DispatchWatch Watch => watch;

    public TimerWheel Wheel => wheel;

    public MemoryBudget Memory => memory;

    public LateSignals LateSignals => lateSignals;

    public ServerMetrics Metrics => metrics;

    public SessionLog Log => log;

    /// <summary>Gets what limits the requests of sessions; null where nothing does.</summary>
    public IRequestRates? Rates => rates;
}
