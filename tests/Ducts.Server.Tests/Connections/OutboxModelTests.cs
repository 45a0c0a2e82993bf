using System.Buffers.Binary;
using Ducts.Connections;
using Ducts.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ducts.Tests.Connections;

/// <summary>
/// The outbox of a session whose client counts, against a list: whatever is sent, cut, confirmed and taken over in whatever order,
/// the client has every message once and in order.
/// </summary>
public sealed class OutboxModelTests
{
    private const int Schedules = 4000;
    private const int PiecesOfArray = 5;
    private const int PieceSize = 700;

    // A size of each way in which messages are kept: together, in an array of their own, in several frames.
    private static readonly int[] Sizes = [4, 9, 100, 500, 3000, 9000, 20_000, 40_000, 1_500_000];

    private static readonly ConnectionFactory Connections = new(
        Options.Create(new DuctsOptions()),
        new DispatchWatch(TimeProvider.System),
        new TimerWheel(new DuctsOptions(), TimeProvider.System, new ConnectionLog(NullLoggerFactory.Instance)),
        TimeProvider.System,
        new ConnectionLog(NullLoggerFactory.Instance));

    [Fact]
    public void Every_schedule_delivers_every_message_once_and_in_order()
    {
        var first = int.TryParse(Environment.GetEnvironmentVariable("DUCTS_TEST_SEED"), out var seeded) ? seeded : Environment.TickCount;
        var factor = int.TryParse(Environment.GetEnvironmentVariable("DUCTS_TEST_SCHEDULES"), out var times) ? times : 1;
        for (var i = 0; i < Schedules * factor; i++)
        {
            var seed = unchecked(first + i);
            try
            {
                new Schedule(seed).Run();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"DUCTS_TEST_SEED={seed} fails: {exception.Message}", exception);
            }
        }
    }

    private sealed class Schedule
    {
        private readonly Random _random;
        private readonly MemoryAccount _account;
        private readonly Outbox _outbox;
        private readonly List<int> _sizes = [];
        private readonly HashSet<int> _divided = [];
        private byte[]? _pieces;
        private int _piece;
        private Task? _handed;
        private Connection _connection;
        private (Connection Owner, OutboxChunk Chunk)? _writing;

        // What the client has, and what of it the server was told.
        private long _received;
        private long _confirmed;
        private byte[] _partial = [];

        public Schedule(int seed)
        {
            _random = new Random(seed);
            _account = MemoryBudget.Unlimited.Open();
            _outbox = new Outbox(64 * 1024, _account);
            _outbox.KeepSent();
            _connection = Connect();
            _outbox.Attach(_connection, 0, out _);
        }

        public void Run()
        {
            for (var steps = _random.Next(10, 120); steps > 0; steps--)
                Step();
            Drain();
            Assert.Equal(_sizes.Count, _received);
            Assert.True(_outbox.Confirm(_received));
            Assert.Equal((0L, 0L), (_outbox.Unconfirmed, _outbox.Bytes));
            Assert.Equal(0, _account.Used);
            _outbox.Close();
        }

        private void Step()
        {
            switch (_random.Next(8))
            {
                case 0 or 1:
                    Append();
                    break;
                case 2 or 3 when _writing is null && _outbox.TryTake(_connection, out var chunk):
                    _writing = (_connection, chunk);
                    break;
                case 4 or 5:
                    End(_random.Next(4) > 0);
                    break;
                case 6:
                    _confirmed = _random.NextInt64(_confirmed, _received + 1);
                    Assert.True(_outbox.Confirm(_confirmed));
                    break;
                case 7 when _random.Next(3) == 0:
                    Reconnect();
                    break;
            }
        }

        // Of which only its identity counts: the schedule does what a sender would.
        private Connection Connect() => Connections.Create(new Owner(_outbox), WebSocketTransport.Over(Stream.Null, static () => { }));

        private void Append()
        {
            var size = Sizes[_random.Next(Sizes.Length)];
            var message = new byte[size];
            BinaryPrimitives.WriteInt32BigEndian(message, _sizes.Count);
            _sizes.Add(size);
            if (_random.Next(4) > 0)
            {
                _outbox.Append(WireEncoding.MessagePack, message);
                return;
            }

            AppendPiece();
        }

        // Of a divided message: pieces lie one behind the other, and the head of each goes over the end of the one before.
        private void AppendPiece()
        {
            if (_handed is { IsCompleted: false })
            {
                _sizes.RemoveAt(_sizes.Count - 1);
                return;
            }

            if (_pieces is null || _piece == PiecesOfArray)
                (_pieces, _piece) = (new byte[MessageBuffer.HeadRoom + (PiecesOfArray * PieceSize)], 0);
            var start = MessageBuffer.HeadRoom + (_piece++ * PieceSize);
            var number = _sizes.Count - 1;
            _sizes[^1] = sizeof(int) + PieceSize;
            _pieces.AsSpan(start, PieceSize).Fill((byte)number);
            Span<byte> head = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(head, number);
            _handed = _outbox.AppendPieceAsync(WireEncoding.MessagePack, head, _pieces, start, PieceSize, out _);
            _divided.Add(number);
        }

        // A write comes to its end, or the socket fails within it; of what it took, some may not arrive.
        private void End(bool isWhole)
        {
            if (_writing is not var (owner, chunk))
                return;
            _writing = null;
            var sent = isWhole ? chunk.Length : _random.Next(chunk.Length + 1);
            if (owner == _connection)
                Deliver(chunk.Bytes.Span[..sent]);
            _outbox.Release(chunk, sent);
            if (!isWhole && owner == _connection)
                Reconnect();
        }

        private void Reconnect()
        {
            // The client has stopped to listen: what the old socket still takes is lost.
            _partial = [];
            _connection = Connect();
            Assert.Equal(RewindStatus.Fits, _outbox.Attach(_connection, _received, out _));
            _confirmed = _received;
        }

        private void Drain()
        {
            End(isWhole: true);
            while (_outbox.TryTake(_connection, out var chunk))
            {
                _writing = (_connection, chunk);
                End(isWhole: true);
            }
        }

        private void Deliver(ReadOnlySpan<byte> bytes)
        {
            byte[] all = [.. _partial, .. bytes];
            var position = 0;
            while (TryRead(all.AsSpan(position), out var length, out var number, out var size))
            {
                Assert.Equal(_received, number);
                Assert.Equal(_sizes[number], size);
                if (_divided.Contains(number))
                    Assert.Equal(-1, all.AsSpan(position + length - PieceSize, PieceSize).IndexOfAnyExcept((byte)number));
                _received++;
                position += length;
            }

            _partial = all[position..];
        }

        private sealed class Owner(Outbox outbox) : IConnectionOwner
        {
            public string Name => "model";

            public Outbox Outbox => outbox;

            public bool HasCapacity => true;

            public ValueTask WaitForCapacityAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

            public IMessageReceiver CreateReceiver(Connection connection) => throw new NotSupportedException();
        }

        // One message in all its frames.
        private static bool TryRead(ReadOnlySpan<byte> bytes, out int length, out int number, out int size)
        {
            (length, number, size) = (0, -1, 0);
            while (bytes.Length - length >= 2)
            {
                var head = bytes[length + 1] switch { < 126 => 2, 126 => 4, _ => 10 };
                if (bytes.Length - length < head)
                    return false;
                var frame = FrameHeader.ReadServer(bytes[length..]);
                if (bytes.Length - length < frame.Head + frame.Length)
                    return false;
                if (number < 0)
                    number = BinaryPrimitives.ReadInt32BigEndian(bytes[(length + frame.Head)..]);
                length += frame.Head + frame.Length;
                size += frame.Length;
                if (frame.Final)
                    return true;
            }

            return false;
        }
    }
}
