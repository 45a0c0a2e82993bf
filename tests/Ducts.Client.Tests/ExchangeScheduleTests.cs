using System.Buffers;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client.Tests;

/// <summary>An exchange and a model of the server, one step after the other in random order, over connections that are lost at any message.</summary>
public sealed class ExchangeScheduleTests
{
    [Fact]
    public Task Each_message_arrives_once_and_in_order_whatever_is_lost() => Schedules.RunAsync(4000, atOnce: 2, static seed =>
    {
        using var schedule = new Schedule(seed, losesState: false);
        schedule.Run();
        return Task.CompletedTask;
    });

    [Fact]
    public Task Each_message_arrives_at_most_once_where_the_server_loses_its_state() => Schedules.RunAsync(2000, atOnce: 2, static seed =>
    {
        using var schedule = new Schedule(seed, losesState: true);
        schedule.Run();
        return Task.CompletedTask;
    });

    private sealed class Schedule : IDisposable
    {
        // Smaller than most messages, than some, and than few together.
        private static readonly int[] Limits = [1, 60, 150, 400];

        private readonly Random _random;
        private readonly bool _losesState;
        private readonly ManualTime _time = new();
        private readonly ModelSession _server;
        private readonly Exchange _exchange;
        private readonly Queue<byte[]> _toServer = [];
        private readonly Queue<byte[]> _toClient = [];
        private readonly Queue<int> _posted = [];

        // What each side has given to the other, and what has come of it, in this life.
        private readonly List<int> _given = [];
        private readonly List<int> _taken = [];
        private readonly HashSet<int> _windows = [];
        private readonly HashSet<int> _refused = [];
        private readonly Dictionary<int, int> _byNumber = [];
        private ReadOnlyMemory<byte> _sending;
        private byte[] _copy = [];
        private int _served;
        private int _handled;
        private int _wakes;
        private int _heard;
        private int _last;
        private bool _isConnected;
        private bool _isBlocked;
        private bool _isSending;

        public Schedule(int seed, bool losesState)
        {
            _random = new Random(seed);
            _losesState = losesState;
            var limit = Limits[_random.Next(Limits.Length)];
            _server = new ModelSession(limit);
            _exchange = new Exchange(limit, _time, () => _wakes++);
        }

        public void Dispose() => _exchange.Dispose();

        public void Run()
        {
            for (var step = _random.Next(20, 300); step > 0; step--)
            {
                Step(_random.Next(100));
            }

            Rest();
            Assert.Equal(_given.Where(number => !_refused.Contains(number)), _taken);
            Assert.Equal(_server.Sent, _exchange.Processed);
            Assert.False(_server.HasWaiting);
            Assert.Empty(_posted);
            Assert.True(_exchange.HasRoom());
        }

        private void Step(int what)
        {
            switch (what)
            {
                case < 20:
                    _posted.Enqueue(++_last);
                    break;
                case < 40:
                    ClientSends();
                    break;
                case < 55:
                    ServerReads();
                    break;
                case < 60:
                    ServerHandles();
                    break;
                case < 68:
                    ServerSends();
                    break;
                case < 80:
                    ClientReads();
                    break;
                case < 86:
                    Connect();
                    break;
                case < 90:
                    Cut();
                    break;
                case < 93:
                    ServerHandles();
                    break;
                case < 95:
                    _server.Send(null, 2000, _served);
                    break;
                case < 97:
                    _time.Advance(TimeSpan.FromSeconds(_random.NextDouble()));
                    break;
                case < 99:
                    RefuseNext();
                    break;
                default:
                    if (_losesState)
                        Lose();
                    break;
            }
        }

        // The client sends all that it has, the server answers, until nothing is left: only what is lost needs a new connection.
        private void Rest()
        {
            for (var round = 0; round < 5; round++)
            {
                if (!_isConnected)
                    Connect(mayFail: false);
                int before;
                do
                {
                    before = _served + _handled + _heard + _posted.Count + _given.Count;
                    for (var i = 0; i < 50; i++)
                    {
                        ClientSends();
                        ServerReads();
                        ServerHandles();
                        ServerSends();
                        ClientReads();
                    }

                    _time.Advance(TimeSpan.FromSeconds(1));
                }
                while (_served + _handled + _heard + _posted.Count + _given.Count != before);
            }
        }

        private void ClientSends()
        {
            if (!_isConnected)
                return;
            if (_isSending)
            {
                _isSending = false;
                // Its memory has not been given to another message meanwhile.
                Assert.Equal(_copy, _sending.ToArray());
                _exchange.Sent();
            }

            if (_exchange.TryNext(out var receipt, out var message))
            {
                if (receipt.Length > 0)
                    _toServer.Enqueue(receipt.ToArray());
                if (message.Length == 0)
                    return;
                (_sending, _copy) = (message, message.ToArray());
                _toServer.Enqueue(_copy);
                // Now and then the socket is still busy with it when its receipt comes.
                if (!(_isSending = _random.Next(3) == 0))
                    _exchange.Sent();
            }
            else if (_posted.TryPeek(out var number) && (!_isBlocked || _wakes > 0))
            {
                (_isBlocked, _wakes) = (false, 0);
                Add(number);
            }
        }

        private void Add(int number)
        {
            var isUrgent = number % 7 == 0;
            var message = Pack(number, isUrgent ? 6 : 1000);
            if (!isUrgent && !_exchange.HasRoom())
            {
                // Only what wakes the client lets it go on.
                ArrayPool<byte>.Shared.Return(message.Array!);
                _isBlocked = true;
                return;
            }

            _posted.Dequeue();
            _given.Add(number);
            ArraySegment<byte> credit = default;
            if (!isUrgent && number % 3 == 0)
            {
                _windows.Add(number);
                var buffer = PackBuffer.Rent();
                SessionMessages.WriteCredit(buffer, number, 5);
                credit = buffer.ToPooled();
            }

            _byNumber[(int)(isUrgent ? _exchange.AddUrgent(message) : _exchange.Add(message, credit))] = number;
        }

        private void ServerReads()
        {
            if (!_isConnected || !_toServer.TryDequeue(out var bytes) || _server.Receive(bytes) is not { } message || message[1].GetInt32() == 9)
                return;
            var number = message[0].GetInt32();
            // As it was: its memory has not been given to another message meanwhile.
            Assert.Equal(Pack(number, message[1].GetInt32()).AsSpan().ToArray(), bytes);
            Assert.Equal(_windows.Contains(number), _server.HasWindow);
            _taken.Add(number);
        }

        // Also while there is no connection: what was received goes on.
        private void ServerHandles()
        {
            if (!_server.HasWaiting)
                return;
            _handled++;
            var number = _server.TakeWaiting().Message[0].GetInt32();
            // Not all are answered: some have been cancelled, and only receipts confirm them.
            if (_random.Next(3) == 0)
                return;
            _server.Send(number, 1000, number);
            if (_random.Next(4) == 0)
                _server.Send(null, 2000, ++_served);
        }

        private void ServerSends()
        {
            if (!_isConnected)
                return;
            if (_random.Next(8) == 0)
                _toClient.Enqueue(PackSerializer.Serialize(new object[] { 1, 0, new[] { 1.0, 1.0 } }));
            else if (_server.TakeReceipt() is { } receipt)
                _toClient.Enqueue(receipt);
            else if (_server.TakeNext() is { } next)
                _toClient.Enqueue(next);
        }

        private void ClientReads()
        {
            if (!_isConnected || !_toClient.TryDequeue(out var bytes))
                return;
            var message = MessagePackElement.Parse(bytes);
            switch (message[1].GetInt32())
            {
                case 0:
                    return;
                case 7:
                    Assert.True(_exchange.TryConfirm(message[2].GetInt64()));
                    return;
                case 99:
                    Assert.True(SessionMessages.TryReadRefused(message[2], out var refused, out var code));
                    Assert.Equal((true, 1009), (_refused.Contains(_byNumber[(int)refused]), code));
                    _exchange.Refused(refused);
                    break;
                case 1000 when _random.Next(2) == 0:
                    var answered = _byNumber.First(pair => pair.Value == message[0].GetInt32()).Key;
                    _exchange.Answered(answered);
                    _server.Answered(answered);
                    break;
            }

            _heard++;
            Assert.Same(_server.MessageOf(_exchange.Processed + 1), bytes);
            _exchange.Process(bytes.Length);
        }

        private void Connect(bool mayFail = true)
        {
            // A takeover, where there is still a connection.
            Cut();
            var hello = new ArrayBufferWriter<byte>();
            _exchange.WriteHello(hello, "k");
            if (mayFail && _random.Next(6) == 0)
                return;
            var welcome = _server.Open(hello.WrittenMemory.ToArray());
            if (mayFail && _random.Next(5) == 0)
                return;
            Assert.True(Welcome.TryRead(welcome, out var read));
            var outcome = _exchange.Take(read);
            Assert.Equal(read.IsLost ? WelcomeOutcome.BegunAnew : WelcomeOutcome.Resumed, outcome);
            if (read.IsLost)
                BeginAnew();
            _server.Welcomed();
            // The new connection looks itself.
            (_isConnected, _isBlocked) = (true, false);
        }

        private void Cut()
        {
            // Some of what is under way still arrives, on either side.
            for (var i = _random.Next(4); i > 0; i--)
                ServerReads();
            for (var i = _random.Next(4); i > 0; i--)
                ClientReads();
            _toServer.Clear();
            _toClient.Clear();
            _isConnected = _isSending = false;
        }

        private void RefuseNext()
        {
            while (_isConnected && _toServer.TryPeek(out var bytes))
            {
                var message = MessagePackElement.Parse(bytes);
                if (message[1].GetInt32() == 1000)
                {
                    _toServer.Clear();
                    _refused.Add(message[0].GetInt32());
                    _server.Refuse(1009);
                    Cut();
                    return;
                }

                ServerReads();
            }
        }

        private void Lose()
        {
            Cut();
            _server.Lose();
            // The client finds out with its next connection; a model of the client that has had no WELCOME yet cannot.
            Connect(mayFail: false);
        }

        private void BeginAnew()
        {
            Assert.Equal(_given.Where(number => !_refused.Contains(number)).Take(_taken.Count), _taken);
            _given.Clear();
            _taken.Clear();
            _byNumber.Clear();
            _refused.Clear();
            _windows.Clear();
        }

        private static ArraySegment<byte> Pack(int number, int eventId)
        {
            var buffer = PackBuffer.Rent();
            var writer = new PackWriter(buffer);
            writer.WriteArrayHeader(3);
            writer.WriteInt64(number);
            writer.WriteInt64(eventId);
            writer.WriteString(new string((char)('a' + (number % 26)), number * 37 % 150));
            writer.Flush();
            return buffer.ToPooled();
        }
    }
}
