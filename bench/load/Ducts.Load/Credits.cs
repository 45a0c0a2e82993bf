using System.Buffers;
using System.Diagnostics;
using Ducts.MessagePack;

namespace Ducts.Load;

/// <summary>One session that reads nine streams as fast as they come and calls, without and with a tenth that it reads slowly.</summary>
internal static class Credits
{
    private const int FastStreams = 9;
    private const int Window = 256;
    private const int CreditEvent = 9;
    private const int CancelEvent = 6;
    private const int CountEvent = 1003;
    private const int EchoEvent = 1000;
    private const int FirstCall = 1000;
    private const int BufferSize = 256 * 1024;

    private static readonly Scenario Plain = new("credits", ScenarioKind.Credits, 1, 1);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan SlowPause = TimeSpan.FromSeconds(1);

    public static async Task MeasureAsync(ServerKind kind, WorkFolder folder, LoadOptions options)
    {
        await using var server = await ServerProcess.StartAsync(kind, folder);
        using var connection = await LoadConnection.OpenAsync(server.Port, Dialect.For(kind, Plain, resumes: true), BufferSize);
        var reader = new Reader(connection);
        connection.Message = reader.Take;
        for (var id = 1; id <= FastStreams; id++)
            await connection.SendAsync(Open(id));
        await connection.SendAsync(ResumingSession.Message(FirstCall, EchoEvent, 0, asText: true));
        await reader.RunAsync(WarmUp);
        await server.WaitUntilCompiledAsync(reader.RunAsync);
        var time = TimeSpan.FromSeconds(options.Seconds);
        var rounds = new List<(CreditPhase Without, CreditPhase With)>();
        for (var round = 0; round < options.Rounds; round++)
        {
            // The machine's state drifts: each of the two comes first as often as the other.
            if (round % 2 == 0)
            {
                var without = await reader.RunAsync(time);
                rounds.Add((without, await WithSlowAsync(round)));
            }
            else
            {
                var with = await WithSlowAsync(round);
                rounds.Add((await reader.RunAsync(time), with));
            }
        }

        Report.PrintCredits(kind, rounds);
        await connection.CloseAsync();

        async Task<CreditPhase> WithSlowAsync(int round)
        {
            // Each time another stream, and another request that cancels it.
            reader.SlowId = FastStreams + 1 + round;
            await connection.SendAsync(Open(reader.SlowId));
            await reader.RunAsync(Settle);
            var with = await reader.RunAsync(time);
            await connection.SendAsync(ResumingSession.Message(FirstCall - 1 - round, CancelEvent, reader.SlowId));
            reader.SlowId = 0;
            await reader.RunAsync(Settle);
            return with;
        }
    }

    private static byte[] Open(int id) => [.. Credit(id, Window), .. ResumingSession.Message(id, CountEvent, int.MaxValue)];

    private static byte[] Credit(int id, int credit)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(bytes);
        writer.WriteArrayHeader(3);
        writer.WriteNil();
        writer.WriteInt64(CreditEvent);
        writer.WriteMapHeader(2);
        writer.WriteString("id");
        writer.WriteInt64(id);
        writer.WriteString("credit");
        writer.WriteInt64(credit);
        writer.Flush();
        return Frame.Encode(Frame.Binary, bytes.WrittenSpan);
    }

    /// <summary>Reads what comes, gives credit back as the clients of this project do, and calls again when an answer has come.</summary>
    private sealed class Reader(LoadConnection connection)
    {
        private readonly int[] _taken = new int[FastStreams + 1];
        private readonly ArrayBufferWriter<byte> _output = new();
        private LatencyHistogram _latencies = new();
        private long _items;
        private long _slowItems;
        private long _called = Stopwatch.GetTimestamp();
        private long _slowTime;

        /// <summary>The stream that is read slowly; 0 for none.</summary>
        public int SlowId { get; set; }

        public void Take(ReadOnlySpan<byte> message)
        {
            var reader = new PackReader(message);
            reader.TryReadArrayHeader(out _);
            if (reader.TryReadInt32(out var id) != MessagePackStatus.Ok || reader.TryReadInt32(out var eventId) != MessagePackStatus.Ok)
                return;
            if (id is > 0 and <= FastStreams)
            {
                _items++;
                if (++_taken[id] == Window / 2)
                {
                    _taken[id] = 0;
                    _output.Write(Credit(id, Window / 2));
                }
            }
            else if (id == FirstCall)
            {
                var now = Stopwatch.GetTimestamp();
                _latencies.Add(now - _called);
                _called = now;
                _output.Write(ResumingSession.Message(FirstCall, EchoEvent, 0, asText: true));
            }
            else if (eventId is 1 or 2)
            {
                _slowItems++;
            }
        }

        public async Task<CreditPhase> RunAsync(TimeSpan time)
        {
            _latencies = new LatencyHistogram { Recording = true };
            _items = 0;
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < time)
            {
                await connection.ReceiveAsync();
                if (SlowId != 0 && Stopwatch.GetElapsedTime(_slowTime) > SlowPause)
                {
                    _slowTime = Stopwatch.GetTimestamp();
                    _output.Write(Credit(SlowId, 1));
                }

                if (_output.WrittenCount == 0)
                    continue;
                await connection.SendAsync(_output.WrittenMemory);
                _output.ResetWrittenCount();
            }

            var items = _slowItems;
            _slowItems = 0;
            return new CreditPhase(_items / Stopwatch.GetElapsedTime(started).TotalSeconds, _latencies, items);
        }
    }
}
