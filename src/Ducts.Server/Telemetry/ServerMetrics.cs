using System.Diagnostics.Metrics;

namespace Ducts.Telemetry;

/// <summary>The meter <c>Ducts.Server</c>: what a server has received and answered.</summary>
internal sealed class ServerMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Ducts.Server";

    private readonly Meter _meter;
    private readonly Counter<long> _received;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _limited;

    public ServerMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _received = _meter.CreateCounter<long>("ducts.server.requests", "{request}", "Requests received.");
        _failed = _meter.CreateCounter<long>("ducts.server.errors", "{request}", "Requests answered by an error.");
        _malformed = _meter.CreateCounter<long>("ducts.server.malformed", "{message}", "Messages that could not be read.");
        _refused = _meter.CreateCounter<long>("ducts.server.memory.refused", "{session}", "Sessions refused because of memory_limit.");
        _ended = _meter.CreateCounter<long>("ducts.server.memory.ended", "{session}", "Sessions that waited for a reconnect and ended because of memory_limit.");
        _limited = _meter.CreateCounter<long>("ducts.server.limited", "{request}", "Requests, service discoveries and sessions refused because of a limit of use.");
    }

    public void Received() => _received.Add(1);

    public void Failed() => _failed.Add(1);

    public void Malformed() => _malformed.Add(1);

    public void Refused() => _refused.Add(1);

    public void EndedForMemory() => _ended.Add(1);

    /// <summary>Counts what is refused because of a limit of use.</summary>
    /// <param name="limit">Which limit: session, user, address, sessions_per_user, sessions_per_address, discovery, or a policy's name.</param>
    public void Limited(string limit) => _limited.Add(1, new KeyValuePair<string, object?>("limit", limit));

    /// <summary>Adds the memory of sessions to what is measured.</summary>
    public void ObserveMemory(Func<long> used, long limit)
    {
        _meter.CreateObservableUpDownCounter("ducts.server.memory.usage", used, "By", "Memory that sessions take, as memory_limit counts it.");
        _meter.CreateObservableUpDownCounter("ducts.server.memory.limit", () => limit, "By", "The memory that sessions may take.");
    }

    /// <summary>Adds the number of live sessions to what is measured.</summary>
    public void Observe(Func<int> sessions) =>
        _meter.CreateObservableUpDownCounter("ducts.server.sessions", sessions, "{session}", "Sessions that live.");

    public void Dispose() => _meter.Dispose();
}
