using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Ducts.Load;

/// <summary>
/// Sessions of signed-in users whose calls go out at times that are fixed beforehand, whatever the answers say and however late
/// they come: those of each session a period apart, and the sessions evenly behind one another.
/// </summary>
/// <remarks>Threading: one thread sends for all sessions.</remarks>
internal sealed partial class PacedSessions(LoadConnection[] connections, double perSecond) : IDisposable
{
    private const int OpenedBetweenReads = 25;
    private const double MaxSleepMicroseconds = 20_000;

    private static readonly Scenario Calls = new("calls", ScenarioKind.Echo, 1, 1);

    private long _started;
    private long _calls;

    public IReadOnlyList<LoadConnection> Connections => connections;

    /// <summary>The request that each call sends.</summary>
    public static byte[] Request { get; } = Dialect.For(ServerKind.Ducts, Calls).Request;

    /// <summary>Opens the sessions, each of a user of its own.</summary>
    /// <param name="port">The server's.</param>
    /// <param name="name">What the users' names start with.</param>
    /// <param name="count">How many.</param>
    /// <param name="perSecond">Calls a second of each.</param>
    public static async Task<PacedSessions> OpenAsync(int port, string name, int count, double perSecond)
    {
        var connections = new LoadConnection[count];
        for (var i = 0; i < count; i++)
        {
            var user = UserToken.Sign(string.Create(CultureInfo.InvariantCulture, $"{name}-{i}"));
            var dialect = new PackedDialect(Calls, "/", discovers: true, token: user);
            connections[i] = await LoadConnection.OpenAsync(port, dialect, bufferSize: 16 * 1024);
            if (i % OpenedBetweenReads == 0)
            {
                // Opening the others takes longer than a server waits for an answer to its pings.
                Array.ForEach(connections[..i], static connection => connection.ReceiveAvailable());
            }
        }

        return new PacedSessions(connections, perSecond);
    }

    /// <summary>Makes the next call due now. Its session is the one after that of the last call, so that none calls sooner than it may.</summary>
    public void Start() => _started = Stopwatch.GetTimestamp() - AfterStart(_calls);

    /// <summary>Sleeps until the next call is due; does not where it is late.</summary>
    /// <returns>The session that calls, and the timestamp at which its call is due.</returns>
    public (int Session, long Due) WaitForNext()
    {
        var call = _calls++;
        var due = _started + AfterStart(call);
        while (due - Stopwatch.GetTimestamp() is > 0 and var left)
        {
            // Thread.Sleep knows only milliseconds, of which each would be a part of what is measured.
            _ = Sleep((uint)Math.Min(left * 1e6 / Stopwatch.Frequency, MaxSleepMicroseconds));
        }

        return ((int)(call % connections.Length), due);
    }

    /// <summary>Sends a call; the system has room for it unless the server reads nothing for minutes.</summary>
    public void Send(int session)
    {
        var sending = connections[session].SendAsync(Request);
        if (!sending.IsCompletedSuccessfully)
        {
            sending.AsTask().GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        foreach (var connection in connections)
        {
            connection.Dispose();
        }
    }

    private long AfterStart(long call) => (long)(call / (perSecond * connections.Length) * Stopwatch.Frequency);

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sleep(uint microseconds);
}
