using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Ducts.Load;

/// <summary>Paced sessions whose latencies count from when their calls were due, so that a server that stalls cannot hide it.</summary>
internal sealed class HonestCalls : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly PacedSessions _sessions;
    private readonly ConcurrentQueue<Due>[] _due;
    private readonly Task[] _readers;

    private HonestCalls(PacedSessions sessions)
    {
        _sessions = sessions;
        _due = [.. sessions.Connections.Select(static _ => new ConcurrentQueue<Due>())];
        _readers = [.. sessions.Connections.Select((connection, i) => Task.Run(() => ReadAsync(connection, _due[i])))];
    }

    public static async Task<HonestCalls> StartAsync(int port, int count, double perSecond) =>
        new(await PacedSessions.OpenAsync(port, "honest", count, perSecond));

    /// <summary>Calls for a while, and waits for the answers.</summary>
    public async Task<Phase> CallAsync(TimeSpan time)
    {
        var phase = new Phase();
        await Task.Factory.StartNew(() => Send(phase, time), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var started = Stopwatch.GetTimestamp();
        while (phase.Answers.All < phase.Sent)
        {
            if (_readers.FirstOrDefault(static reader => reader.IsFaulted) is { } fault)
            {
                await fault;
            }

            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"{phase.Sent - phase.Answers.All} of {phase.Sent} calls were not answered");
            }

            await Task.Delay(10);
        }

        return phase;
    }

    public async ValueTask DisposeAsync()
    {
        _sessions.Dispose();
        try
        {
            await Task.WhenAll(_readers);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // Its socket has just been closed under it.
        }
    }

    private void Send(Phase phase, TimeSpan time)
    {
        _sessions.Start();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var (session, due) = _sessions.WaitForNext();
            _due[session].Enqueue(new Due(due, phase));
            phase.Sent++;
            _sessions.Send(session);
        }
    }

    private static async Task ReadAsync(LoadConnection connection, ConcurrentQueue<Due> due)
    {
        connection.Ended = length =>
        {
            // Replies come in the order of their requests.
            if (due.TryDequeue(out var call))
            {
                call.Phase.Latencies.Add(Stopwatch.GetTimestamp() - call.At);
                call.Phase.Answers.Add(length);
            }
        };
        while (true)
        {
            await connection.ReceiveAsync();
        }
    }

    /// <summary>What was called in one time, and what came of it.</summary>
    internal sealed class Phase
    {
        public LatencyHistogram Latencies { get; } = new() { Recording = true };

        public Answers Answers { get; } = new();

        public long Sent { get; set; }
    }

    private readonly record struct Due(long At, Phase Phase);
}
