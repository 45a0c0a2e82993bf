using System.Net;

namespace Ducts.Load;

/// <summary>Sessions of version 2 whose connections are cut.</summary>
internal sealed class ResumingSessions : IAsyncDisposable
{
    private const int OpenedAtOnce = 32;
    private const int ConnectedAtOnce = 512;

    // Below the number of ports that Linux gives to one address by default, with those that a cut leaves for a while.
    private const int PerAddress = 5_000;

    private readonly ResumingSession[] _sessions;
    private readonly Task[] _work;
    private readonly SemaphoreSlim _gate = new(ConnectedAtOnce);

    private ResumingSessions(int count)
    {
        _sessions = new ResumingSession[count];
        _work = new Task[count];
    }

    public IReadOnlyList<ResumingSession> All => _sessions;

    public static async Task<ResumingSessions> OpenAsync(int port, int count, int tickMilliseconds, bool calls)
    {
        var sessions = new ResumingSessions(count);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce }, async (i, _) =>
        {
            var session = sessions._sessions[i] = new ResumingSession(port, new IPAddress([127, 0, 0, (byte)(1 + (i / PerAddress))]));
            await session.OpenAsync(tickMilliseconds, calls);
            sessions._work[i] = session.RunAsync(sessions._gate);
        });
        return sessions;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
            await session.StopAsync();
        await Task.WhenAll(_work);
        _gate.Dispose();
    }
}
