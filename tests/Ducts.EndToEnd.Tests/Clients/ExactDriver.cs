using System.Collections.Concurrent;
using Ducts.Client;
using Ducts.MessagePack;

namespace Ducts.EndToEnd.Clients;

/// <summary>Drives one session of the .NET client whose connections fail, as <c>node/exact.mjs</c> does with the other.</summary>
internal sealed class ExactDriver(FaultedSession session, Random random)
{
    private const int MostPending = 40;
    private const int Limit = 1_000_000;
    private const int LargeReply = 3_000_000;
    private const int StreamsOfSession = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<int, int> _answers = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly List<int> _refused = [];
    private int _last;
    private int _pushes;
    private int _large;

    public async Task<ExactResult> RunAsync()
    {
        var options = new DuctsClientOptions { ReconnectMinDelay = TimeSpan.FromMilliseconds(5), ReconnectMaxDelay = TimeSpan.FromMilliseconds(60), ConnectTimeout = TimeSpan.FromSeconds(3), StreamWindow = 16 };
        await using var client = await ConnectAsync(options);
        Exception? lastReason = null;
        client.StateChanged += (_, change) =>
        {
            if (change.Reason is { } reason)
                lastReason = reason;
            if (change.IsNewSession)
                _wrong.Enqueue($"a new session after {lastReason?.Message}");
        };
        client.HandlerFaulted += (_, fault) => _wrong.Enqueue($"{fault.Exception}");
        // What answers no call, or one that has been answered already.
        client.On("DO", data => Note(NumberOf(data.Deserialize<byte[]>()!)));
        client.On("PUSHES", data =>
        {
            if (data.Deserialize<int>() != ++_pushes)
                _wrong.Enqueue($"push {data.Deserialize<int>()}, not {_pushes}");
        });
        var pushing = client.CallAsync<int>("PUSHES", new { gate = session.Run });
        Task<int>[] streams = [ReadAsync(client, 0, 10, 0), ReadAsync(client, 0, 0, 3), ReadAsync(client, 20_000, 20, 0)];
        var pending = new List<Task>();
        while (!pushing.IsCompleted)
        {
            pending.Add(AskAsync(client, ++_last));
            do
            {
                await Task.Delay(random.Next(12));
                pending.RemoveAll(static call => call.IsCompleted);
            }
            while (pending.Count > MostPending && !pushing.IsCompleted);
        }

        try
        {
            await Task.WhenAll([.. pending, .. streams]).WaitAsync(Patience);
            using var patience = new CancellationTokenSource(Patience);
            while (_answers.Count < _last - _refused.Count)
                await Task.Delay(10, patience.Token);
            if (await pushing != _pushes)
                _wrong.Enqueue($"{await pushing} pushes were sent, {_pushes} came");
        }
        catch (Exception exception)
        {
            _wrong.Enqueue($"{exception.Message} answers {_answers.Count} of {_last - _refused.Count}, streams {streams.Count(static stream => stream.IsCompleted)} of {StreamsOfSession}");
        }

        foreach (var (number, count) in _answers)
        {
            if (count != 1)
                _wrong.Enqueue($"{number} was answered {count} times");
        }

        return new ExactResult(session.Run, _last, [.. _refused], _pushes, [.. streams.Select(static stream => stream.IsCompletedSuccessfully ? stream.Result : 0)], [.. _wrong]);
    }

    // What cuts the very first connection, before there is a session, is told to the application: it tries again.
    private async Task<DuctsClient> ConnectAsync(DuctsClientOptions options)
    {
        while (true)
        {
            try
            {
                return await DuctsClient.ConnectAsync(new Uri($"http://127.0.0.1:{session.Port}/ducts/wsd"), options);
            }
            catch (DuctsConnectionException)
            {
                await Task.Delay(20);
            }
        }
    }

    private static int NumberOf(byte[] bytes) => BitConverter.ToInt32(bytes);

    private void Note(int number) => _answers.AddOrUpdate(number, 1, static (_, count) => count + 1);

    private Task AskAsync(DuctsClient client, int number)
    {
        var chance = random.NextDouble();
        var padding = new byte[chance < 0.01 ? 1_500_000 : chance < 0.03 ? 700_000 : chance < 0.3 ? random.Next(9000) : 20];
        if (padding.Length > Limit)
            _refused.Add(number);
        if (chance > 0.7)
            return client.SendAsync("DO", new { run = session.Run, number, size = 0, padding });
        var size = chance > 0.5 ? 5000 : 0;
        if (chance > 0.68 && Interlocked.CompareExchange(ref _large, 1, 0) == 0)
            size = LargeReply;
        return CallAsync(client, number, size, padding);
    }

    private async Task CallAsync(DuctsClient client, int number, int size, byte[] padding)
    {
        try
        {
            var bytes = await client.CallAsync<byte[]>("DO", new { run = session.Run, number, size, padding });
            Note(number);
            var expected = new byte[size + 8];
            for (var i = 0; i < expected.Length; i++)
                expected[i] = (byte)(number + (i * 31));
            BitConverter.TryWriteBytes(expected, number);
            if (!expected.AsSpan().SequenceEqual(bytes) || padding.Length > Limit)
                _wrong.Enqueue($"{number} was answered with {NumberOf(bytes!)}, {bytes!.Length} bytes");
        }
        catch (DuctsConnectionException exception) when (padding.Length > Limit && !exception.Message.Contains("unknown", StringComparison.Ordinal))
        {
            // Refused, as it is to be.
        }
        catch (Exception exception)
        {
            _wrong.Enqueue($"{number}: {exception.Message}");
        }
        finally
        {
            if (size == LargeReply)
                Volatile.Write(ref _large, 0);
        }
    }

    private async Task<int> ReadAsync(DuctsClient client, int size, int pause, int slow)
    {
        var last = 0;
        await foreach (var bytes in client.StreamAsync<byte[]>("ITEMS", new { gate = session.Run, size, pause }))
        {
            var number = NumberOf(bytes!);
            if (last < 0 || Math.Abs(number) != last + 1 || (number > 0 && bytes!.Length != 4 + (size == 0 ? 0 : number * 7919 % size)))
                _wrong.Enqueue($"item {number} of {bytes!.Length} after {last}");
            last = number;
            if (slow > 0)
                await Task.Delay(slow);
        }

        if (last >= 0)
            _wrong.Enqueue($"a stream ended after {last}");
        return -last;
    }
}
