namespace Ducts.Load;

/// <summary>Connections that keep a server busy until they are disposed.</summary>
internal interface ILoad : IAsyncDisposable
{
    /// <summary>Replies, or deliveries, so far; a part of one counts as a part.</summary>
    double Replies { get; }

    /// <summary>The latencies since it was last set.</summary>
    LatencyHistogram Latencies { get; set; }

    /// <summary>Throws what a connection has failed with.</summary>
    void ThrowIfFailed();
}
