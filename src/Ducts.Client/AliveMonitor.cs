using Ducts.MessagePack;

namespace Ducts.Client;

/// <summary>
/// Compares the server's clock with the client's. The first answer has four times of one exchange, as in NTP; later ones have
/// the server's time only, from which the latency measured first is taken.
/// </summary>
internal sealed class AliveMonitor(TimeProvider time)
{
    private double _sentAt;
    private bool _isMeasured;
    private volatile bool _isAsked;
    private double _offset;
    private double _latency;

    /// <summary>Server's time minus the client's, in seconds.</summary>
    public double Offset => Volatile.Read(ref _offset);

    /// <summary>Half of what a round trip takes, in seconds.</summary>
    public double Latency => Volatile.Read(ref _latency);

    /// <summary>Whether the server sends its time again and again, so that its silence means something.</summary>
    public bool IsAsked => _isAsked;

    public void Sent()
    {
        _isAsked = true;
        _isMeasured = false;
        _sentAt = Now();
    }

    public void Refused() => _isAsked = false;

    public void Received(MessagePackElement data)
    {
        var now = Now();
        if (data.Kind != MessagePackKind.Array || data.GetArrayLength() != 2 || !data[0].TryGetDouble(out var serverNow) || !data[1].TryGetDouble(out var serverReceived))
            return;
        if (_isMeasured)
        {
            Volatile.Write(ref _offset, serverNow + _latency - now);
            return;
        }

        _isMeasured = true;
        Volatile.Write(ref _latency, Math.Max(0, (now - _sentAt - (serverNow - serverReceived)) / 2));
        Volatile.Write(ref _offset, (serverReceived - _sentAt + (serverNow - now)) / 2);
    }

    private double Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
}
