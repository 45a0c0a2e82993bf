using System.Collections.Concurrent;
using System.Net.WebSockets;
using Ducts.MessagePack;

namespace Ducts.Client.Tests;

/// <summary>The whole client, with its tasks as they come, against a model of the server that loses connections at any message.</summary>
public sealed class ClientScheduleTests
{
    // Smaller than each message, than some, and than few together.
    private static readonly int[] Limits = [1, 100, 600];

    [Fact]
    public Task Every_call_is_answered_once_and_every_push_comes_once_whatever_is_lost() =>
        Schedules.RunAsync(3000, atOnce: 4, static seed => PlayAsync(seed, losesState: false));

    [Fact]
    public Task Every_call_settles_and_nothing_is_done_twice_where_the_server_loses_its_state() =>
        Schedules.RunAsync(1000, atOnce: 4, static seed => PlayAsync(seed, losesState: true));

    private static async Task PlayAsync(int seed, bool losesState)
    {
        using var schedule = new Schedule(seed, losesState);
        await schedule.RunAsync();
    }

    private sealed class Schedule : IDisposable
    {
        private readonly Random _random;
        private readonly Random _refusals;
        private readonly bool _losesState;
        private readonly MemoryServer _server;
        private readonly ModelSession _model;

        // What the server was asked for, in its order, and what it has refused or given away in an earlier life.
        private readonly List<int> _asked = [];
        private readonly Dictionary<string, Stream> _streams = [];
        private readonly ConcurrentQueue<int> _pushed = [];
        private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _hasRefused;
        private bool _isCalm;
        private int _lost;
        private int _pushes;

        public Schedule(int seed, bool losesState)
        {
            _random = new Random(seed);
            _refusals = new Random(~seed);
            _losesState = losesState;
            var limit = Limits[_random.Next(Limits.Length)];
            _model = new ModelSession(limit);
            _server = new MemoryServer(new Dictionary<string, object>
            {
                ["websocket_url"] = "ws://nowhere/ducts/ws/v1/id",
                ["websocket_url_reconnect"] = "ws://nowhere/ducts/ws/v1/id/reconnect",
                ["session_key"] = "k",
                ["inbox_limit"] = limit,
                ["alive_monitoring_interval"] = 60,
                ["EVENT"] = new Dictionary<string, int> { ["ALIVE_MONITORING"] = 0, ["CANCEL"] = 6, ["ECHO"] = 1000, ["COUNT"] = 1001 },
            });
        }

        public void Dispose() => _server.Dispose();

        public async Task RunAsync()
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            // Long beyond what any schedule takes: a call that hangs fails here.
            stop.CancelAfter(TimeSpan.FromSeconds(60));
            // Each task has its own.
            var random = new Random(_random.Next());
            var serving = ServeAsync(stop.Token);
            var options = new DuctsClientOptions
            {
                HttpHandler = _server,
                ReconnectMinDelay = TimeSpan.FromTicks(1),
                ReconnectMaxDelay = TimeSpan.FromTicks(100),
                KeepAliveInterval = Timeout.InfiniteTimeSpan,
                CloseTimeout = TimeSpan.FromSeconds(30),
                StreamWindow = 3,
            };
            var connecting = DuctsClient.ConnectAsync(new Uri("http://nowhere/ducts/wsd"), options, stop.Token);
            await Task.WhenAny(connecting, serving);
            if (serving.IsFaulted)
                await serving;
            var client = await connecting;
            using (client.On(2000, data => _pushed.Enqueue(data.GetInt32())))
            {
                // Faults of the model are told before whatever follows from them.
                var uses = UseAsync(client, random, stop.Token);
                if (await Task.WhenAny(uses, serving) == serving)
                    await serving;
                await uses;
                await client.DisposeAsync();
                await serving;
            }

            Check();
        }

        private void Check()
        {
            Assert.Equal(1, _server.Discoveries);
            Assert.Equal(_asked.Order(), _asked);
            Assert.Equal(_asked.Distinct(), _asked);
            var pushed = _pushed.ToList();
            Assert.Equal(pushed.Order().Distinct(), pushed);
            if (_lost == 0)
                Assert.Equal(Enumerable.Range(1, _pushes), pushed);
        }

        private async Task UseAsync(DuctsClient client, Random random, CancellationToken stop)
        {
            var running = new List<Task>();
            var number = 0;
            for (var count = random.Next(1, 25); count > 0; count--)
            {
                number++;
                running.Add(random.Next(5) == 0 ? StreamAsync(client, number, random.Next(0, 12), stop) : CallAsync(client, number, random.Next(150), stop));
                if (random.Next(3) == 0)
                    await Task.WhenAny(running[random.Next(running.Count)], Task.Delay(1, stop));
            }

            await Task.WhenAll(running);
            _isCalm = true;
        }

        private async Task CallAsync(DuctsClient client, int number, int size, CancellationToken stop)
        {
            try
            {
                var answer = await client.CallAsync("ECHO", new { number, text = new string('x', size) }, stop);
                Assert.Equal(number, answer.GetInt32());
            }
            catch (DuctsConnectionException exception)
            {
                Assert.True(_hasRefused || _lost > 0, exception.ToString());
            }
        }

        private async Task StreamAsync(DuctsClient client, int number, int count, CancellationToken stop)
        {
            try
            {
                var expected = 0;
                var hasNull = false;
                await foreach (var item in client.StreamAsync<int?>("COUNT", new { number, count }, stop))
                {
                    // An empty stream that is lost before its end looks like one of null.
                    hasNull = item is null;
                    if (!hasNull)
                        Assert.Equal(expected++, item);
                }

                Assert.Equal((count, false), (expected, hasNull));
            }
            catch (DuctsConnectionException exception)
            {
                Assert.True(_hasRefused || _lost > 0, exception.ToString());
            }
        }

        private async Task ServeAsync(CancellationToken stop)
        {
            _server.Refuses = () => !_isCalm && _refusals.Next(8) == 0;
            while (!_ended.Task.IsCompleted)
            {
                using var socket = await _server.Sockets.ReadAsync(stop);
                var buffer = new byte[4096];
                if (await ReceiveAsync(socket, buffer, stop) is not { } hello || Chance(8))
                    continue;
                if (_losesState && Chance(6))
                    Lose();
                var welcome = _model.Open(hello);
                if (Chance(8))
                    continue;
                await SendAsync(socket, welcome, stop);
                if (Chance(8))
                    continue;
                await ServeAsync(socket, buffer, stop);
            }
        }

        private async Task ServeAsync(WebSocket socket, byte[] buffer, CancellationToken stop)
        {
            var receiving = ReceiveAsync(socket, buffer, stop);
            while (true)
            {
                while ((_model.TakeReceipt() ?? _model.TakeNext()) is { } next)
                {
                    if (Chance(25))
                        return;
                    await SendAsync(socket, next, stop);
                }

                if (_ended.Task.IsCompleted)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, stop);
                    return;
                }

                // Whatever more has come waits behind it, as long as that is so.
                if (_model.HasWaiting && (!receiving.IsCompleted || Chance(4)))
                {
                    HandleWaiting();
                    if (Chance(2))
                        await Task.Yield();
                    continue;
                }

                if (await receiving is not { } message || Chance(25))
                    return;
                if (Chance(40) && MessagePackElement.Parse(message)[1].GetInt32() is 1000 or 1001)
                {
                    // Refused: whatever is behind it has not been received.
                    _hasRefused = true;
                    _model.Refuse(1009);
                    return;
                }

                Take(message);
                receiving = ReceiveAsync(socket, buffer, stop);
            }
        }

        private void Take(byte[] bytes)
        {
            if (_model.Receive(bytes) is not { } message)
                return;
            var (id, data) = (message[0], message[2]);
            switch (message[1].GetInt32())
            {
                case 9:
                    if (_streams.TryGetValue(data.GetProperty("id").ToString(), out var stream))
                        stream.Credit += data.GetProperty("credit").GetInt32();
                    else
                        _streams[data.GetProperty("id").ToString()] = new Stream(data.GetProperty("id")) { Credit = data.GetProperty("credit").GetInt32(), Left = int.MaxValue };
                    break;
                case 12:
                    _model.Send(id, 12, true);
                    _ended.TrySetResult(true);
                    break;
                case 1001:
                    Assert.True(_model.HasWindow);
                    break;
            }

            RunStreams();
        }

        private void HandleWaiting()
        {
            var (order, message) = _model.TakeWaiting();
            var (id, data) = (message[0], message[2]);
            switch (message[1].GetInt32())
            {
                case 1000:
                    _asked.Add(data.GetProperty("number").GetInt32());
                    if (Chance(3))
                        _model.Send(null, 2000, ++_pushes);
                    _model.Answered(order);
                    _model.Send(id, 1000, data.GetProperty("number").GetInt32());
                    break;
                case 1001:
                    _asked.Add(data.GetProperty("number").GetInt32());
                    _model.Answered(order);
                    _streams[id.ToString()].Left = data.GetProperty("count").GetInt32();
                    break;
            }

            RunStreams();
        }

        private void RunStreams()
        {
            foreach (var open in _streams.Values)
                open.Run(_model);
        }

        private void Lose()
        {
            _lost++;
            _streams.Clear();
            _model.Lose();
        }

        private bool Chance(int of) => !_isCalm && _random.Next(of) == 0;

        private static async Task SendAsync(WebSocket socket, byte[] message, CancellationToken stop)
        {
            try
            {
                await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, stop);
            }
            catch (Exception exception) when (exception is WebSocketException or IOException or ObjectDisposedException)
            {
                // Lost by the client: what was sent has not arrived.
            }
        }

        private static async Task<byte[]?> ReceiveAsync(WebSocket socket, byte[] buffer, CancellationToken stop)
        {
            try
            {
                var result = await socket.ReceiveAsync(buffer, stop);
                return result.MessageType == WebSocketMessageType.Close ? null : buffer[..result.Count];
            }
            catch (Exception exception) when (exception is WebSocketException or IOException or ObjectDisposedException)
            {
                return null;
            }
        }

        /// <summary>A stream of the numbers from 0.</summary>
        private sealed class Stream(MessagePackElement id)
        {
            private readonly object? _id = id.GetInt64();
            private int _sent;
            private bool _hasBegun;

            public int Credit { get; set; }

            /// <summary>How many items are left; the largest number until the request has come.</summary>
            public int Left { get; set; }

            public void Run(ModelSession model)
            {
                if (Left == int.MaxValue)
                    return;
                while (Left > 0 && Credit > 0)
                {
                    (Left, Credit) = (Left - 1, Credit - 1);
                    model.Send(_id, _hasBegun ? 2 : 1, new[] { _id, 1001, _sent++ });
                    _hasBegun = true;
                }

                if (Left > 0)
                    return;
                if (!_hasBegun)
                    model.Send(_id, 1, new[] { _id, 1001, null });
                model.Send(_id, 3, new[] { _id, 1001, null });
                Left = int.MaxValue;
            }
        }
    }
}
