using System.Collections.Concurrent;
using Ducts.Client;

namespace Ducts.EndToEnd.Cluster;

/// <summary>Drives one session of the .NET client at a cluster whose nodes die, as <c>node/chaos.mjs</c> does with the other.</summary>
internal sealed class ChaosClient(string name, int port, Random random, CancellationToken over)
{
    private const int MostPending = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentQueue<string> _answered = new();
    private readonly ConcurrentQueue<string> _failed = new();
    private readonly ConcurrentQueue<(string What, int Begun, string Error)> _ended = new();
    private readonly List<ChaosPlace> _places = [];
    private int _begun;
    private int _items;
    private int _pushes;

    public async Task<ChaosResult> RunAsync()
    {
        await using var client = await ConnectAsync(port);
        var isClosing = false;
        client.StateChanged += (_, change) =>
        {
            if (change.IsNewSession)
                Interlocked.Increment(ref _begun);
            if (change.State == DuctsClientState.Closed && !isClosing)
                _wrong.Enqueue($"closed by {change.Reason?.Message}");
        };
        client.HandlerFaulted += (_, fault) => _wrong.Enqueue($"error {fault.Exception}");
        var pushes = new Sequence("push", _wrong);
        client.On("PUSHES", data =>
        {
            _pushes++;
            pushes.Take(data.Deserialize<Numbered>()!);
        });
        Task[] streams = [ReadAsync(client, 15), ReadAsync(client, 200), TakePushesAsync(client)];
        var pending = new List<Task>();
        for (var number = 1; !over.IsCancellationRequested; number++)
        {
            pending.Add(CallAsync(client, $"{name}-{number}", random.NextDouble() < 0.3 ? random.Next(200) : 0));
            do
            {
                await Task.Delay(random.Next(40), CancellationToken.None);
                pending.RemoveAll(static call => call.IsCompleted);
            }
            while (pending.Count > MostPending && !over.IsCancellationRequested);
        }

        using var patience = new CancellationTokenSource(Patience);
        for (var number = 1; !await CallAsync(client, $"{name}-last-{number}", 0); number++)
        {
            if (patience.IsCancellationRequested)
            {
                _wrong.Enqueue("does not work again");
                break;
            }

            await Task.Delay(50, CancellationToken.None);
        }

        try
        {
            await Task.WhenAll([.. pending, .. streams]).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _wrong.Enqueue($"{pending.Count(static call => !call.IsCompleted)} calls, {streams.Count(static stream => !stream.IsCompleted)} streams never ended");
        }

        foreach (var (what, begun, error) in _ended.Where(end => end.Begun >= _begun))
            _wrong.Enqueue($"{what} failed though its session goes on: {error}");
        isClosing = true;
        await client.CloseAsync(CancellationToken.None);
        return new ChaosResult(name, [.. _answered], [.. _failed], _begun, _items, _pushes, [.. _places], [.. _wrong.Take(20)]);
    }

    // What cuts the very first connection, before there is a session, is told to the application: it tries again.
    internal static async Task<DuctsClient> ConnectAsync(int port)
    {
        var options = new DuctsClientOptions
        {
            ReconnectMinDelay = TimeSpan.FromMilliseconds(20),
            ReconnectMaxDelay = TimeSpan.FromMilliseconds(300),
            ConnectTimeout = TimeSpan.FromSeconds(2),
            StreamWindow = 16,
        };
        while (true)
        {
            try
            {
                return await DuctsClient.ConnectAsync(new Uri($"http://127.0.0.1:{port}/ducts/wsd"), options);
            }
            catch (DuctsConnectionException)
            {
                await Task.Delay(50);
            }
        }
    }

    private async Task<bool> CallAsync(DuctsClient client, string id, int pause)
    {
        var begun = Volatile.Read(ref _begun);
        try
        {
            var reply = (await client.CallAsync<Reply>("DO", new { id, pause }))!;
            _answered.Enqueue(id);
            if (reply.Id != id)
                _wrong.Enqueue($"{id} was answered with {reply.Id}");
            lock (_places)
            {
                var place = new ChaosPlace(reply.Session, reply.Pid);
                // Answers of the life before may be taken up a moment later than the first of the next.
                if (!_places.Contains(place))
                    _places.Add(place);
            }

            return true;
        }
        catch (Exception exception)
        {
            _failed.Enqueue(id);
            Note(id, exception, begun);
            return false;
        }
    }

    private async Task ReadAsync(DuctsClient client, int pause)
    {
        while (!over.IsCancellationRequested)
        {
            var begun = Volatile.Read(ref _begun);
            var items = new Sequence("item", _wrong);
            try
            {
                await foreach (var item in client.StreamAsync<Numbered>("NUMBERS", new { pause }, CancellationToken.None))
                {
                    Interlocked.Increment(ref _items);
                    items.Take(item!);
                    if (over.IsCancellationRequested)
                        return;
                }

                _wrong.Enqueue("a stream ended");
            }
            catch (Exception exception)
            {
                Note("a stream", exception, begun);
            }
        }
    }

    private async Task TakePushesAsync(DuctsClient client)
    {
        while (!over.IsCancellationRequested)
        {
            var begun = Volatile.Read(ref _begun);
            try
            {
                await client.CallAsync("PUSHES", null, over);
                _wrong.Enqueue("pushes ended");
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Note("pushes", exception, begun);
            }
        }
    }

    // What ends because its session does: that is known for certain at the end.
    private void Note(string what, Exception exception, int begun)
    {
        if (exception is DuctsConnectionException)
            _ended.Enqueue((what, begun, exception.Message));
        else
            _wrong.Enqueue($"{what}: {exception}");
    }

    private sealed record Reply(string Id, string Session, int Pid);

    private sealed record Numbered(string Life, int Number);

    /// <summary>Checks that numbers come in their order; those of another life begin from 1.</summary>
    private sealed class Sequence(string what, ConcurrentQueue<string> wrong)
    {
        private readonly HashSet<string> _former = [];
        private string _life = "";
        private int _last;

        public void Take(Numbered data)
        {
            if (data.Life != _life)
            {
                if (!_former.Add(data.Life))
                    wrong.Enqueue($"{what} {data.Number} of a life that has ended");
                (_life, _last) = (data.Life, 0);
            }

            if (data.Number != _last + 1)
                wrong.Enqueue($"{what} {data.Number}, not {_last + 1}");
            _last = data.Number;
        }
    }
}
