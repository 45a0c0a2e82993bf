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

    public ServerMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _received = _meter.CreateCounter<long>("ducts.server.requests", "{request}", "Requests received.");
        _failed = _meter.CreateCounter<long>("ducts.server.errors", "{request}", "Requests answered by an error.");
        _malformed = _meter.CreateCounter<long>("ducts.server.malformed", "{message}", "Messages that could not be read.");
    }

    public void Received() => _received.Add(1);

    public void Failed() => _failed.Add(1);

    public void Malformed() => _malformed.Add(1);

    /// <summary>Adds the number of live sessions to what is measured.</summary>
    public void Observe(Func<int> sessions) =>
        _meter.CreateObservableUpDownCounter("ducts.server.sessions", sessions, "{session}", "Sessions that live.");

    public void Dispose() => _meter.Dispose();
}
