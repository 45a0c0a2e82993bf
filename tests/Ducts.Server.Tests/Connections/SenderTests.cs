using System.Buffers.Binary;
using System.Collections.Concurrent;
using Ducts.Connections;
using Ducts.Protocol;
using Ducts.Sessions;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

/// <summary>The sender of a connection, over a stream that notes what is written.</summary>
public sealed class SenderTests(RedisFixture redis)
{
    [Fact]
    public async Task Messages_of_many_threads_leave_whole_once_and_in_their_threads_order()
    {
        const int Threads = 8;
        const int Messages = 5_000;
        await using var server = await WireServer.StartAsync(redis);
        var session = await OpenAsync(server);
        var socket = new NotingStream { WaitsEvery = 7 };
        using var connection = server.CreateConnection(session, socket, static () => { });
        session.Outbox.Attach(connection);

        var appending = Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            Span<byte> message = stackalloc byte[8];
            for (var i = 0; i < Messages; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(message, thread);
                BinaryPrimitives.WriteInt32LittleEndian(message[4..], i);
                session.Outbox.Append(WireEncoding.MessagePack, message);
                if (i % 3 == 0 || i == Messages - 1)
                    session.Outbox.Signal();
            }
        })).ToArray();
        // What is appended before the start waits for it.
        connection.Sender.Start();
        await Task.WhenAll(appending);
        await Until.TrueAsync(() => socket.Length == Threads * Messages * 10);

        var numbers = new int[Threads];
        foreach (var frame in socket.Bytes.Chunk(10))
        {
            Assert.Equal(Packed.Hex("82 08"), frame[..2]);
            var thread = BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(2));
            Assert.Equal(numbers[thread]++, BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(6)));
        }

        Assert.False(socket.HasOverlapped);
        Assert.Equal(0, session.Outbox.Bytes);
        Assert.Equal(Threads * Messages, session.Sent);
    }

    [Fact]
    public async Task A_thread_that_signals_does_not_stay_while_others_append()
    {
        const int Writes = 1_000;
        await using var server = await WireServer.StartAsync(redis);
        var session = await OpenAsync(server);
        var socket = new NotingStream();
        // Each write finds one more message.
        socket.Written = count =>
        {
            if (count < Writes)
                session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
        };
        using var connection = server.CreateConnection(session, socket, static () => { });
        session.Outbox.Attach(connection);
        connection.Sender.Start();

        session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
        session.Outbox.Signal();

        var here = socket.Writers.Count(static writer => writer == Environment.CurrentManagedThreadId);
        Assert.InRange(here, 1, 50);
        await Until.TrueAsync(() => socket.Length == Writes * 10);
    }

    [Fact]
    public async Task A_stream_that_fails_ends_the_sending_and_what_follows_waits_for_another_socket()
    {
        await using var server = await WireServer.StartAsync(redis);
        var session = await OpenAsync(server);
        var socket = new NotingStream { Written = static _ => throw new IOException("gone") };
        var aborted = 0;
        using var connection = server.CreateConnection(session, socket, () => aborted++);
        session.Outbox.Attach(connection);
        connection.Sender.Start();

        session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
        session.Outbox.Signal();
        await connection.Sender.Ended.WaitAsync(Until.Patience);
        session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
        session.Outbox.Signal();

        Assert.Equal(1, aborted);
        Assert.Single(socket.Writers);
        Assert.Equal(10, session.Outbox.Bytes);
    }

    // A session whose socket has gone.
    private static async Task<Session> OpenAsync(WireServer server)
    {
        var issued = await server.IssueAsync();
        var client = await server.OpenAsync(issued);
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:connected", StringComparison.Ordinal));
        client.Reset();
        await Until.TrueAsync(() => server.Hooks.Seen.Contains("b:waits", StringComparison.Ordinal));
        return server.Session(issued);
    }

    /// <summary>Keeps what is written; waits now and then before it takes it.</summary>
    private sealed class NotingStream : Stream
    {
        private readonly Lock _gate = new();
        private readonly MemoryStream _bytes = new();
        private readonly ConcurrentQueue<int> _writers = new();
        private int _writing;

        public int WaitsEvery { get; init; } = int.MaxValue;

        public Action<int>? Written { get; set; }

        public bool HasOverlapped { get; private set; }

        public IReadOnlyCollection<int> Writers => _writers;

        public byte[] Bytes => _bytes.ToArray();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length
        {
            get
            {
                lock (_gate)
                    return _bytes.Length;
            }
        }

        public override long Position { get => Length; set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            HasOverlapped |= Interlocked.Exchange(ref _writing, 1) == 1;
            _writers.Enqueue(Environment.CurrentManagedThreadId);
            if (_writers.Count % WaitsEvery == 0)
                await Task.Yield();
            lock (_gate)
                _bytes.Write(buffer.Span);
            Written?.Invoke(_writers.Count);
            Volatile.Write(ref _writing, 0);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
