using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ducts.Connections;
using Ducts.Connections.Transport;
using Ducts.Protocol;
using Ducts.Sessions;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

/// <summary>The sender of a connection, over a stream that notes what is written.</summary>
public sealed class SenderTests(RedisFixture redis)
{
    // SIOCOUTQ of Linux.
    private const nuint BytesInSendQueue = 0x5411;

    [Fact]
    public async Task Messages_of_many_threads_leave_whole_once_and_in_their_threads_order()
    {
        const int Threads = 8;
        const int Messages = 5_000;
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
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
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
        var socket = new NotingStream();
        // Each write finds one more message.
        socket.Written = count =>
        {
            if (count < Writes)
                session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
        };
        using var connection = server.Connect(session, socket);

        session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
        session.Outbox.Signal();

        var here = socket.Writers.Count(static writer => writer == Environment.CurrentManagedThreadId);
        Assert.InRange(here, 1, 50);
        await Until.TrueAsync(() => socket.Length == Writes * 10);
    }

    [Fact]
    public async Task A_stream_that_fails_ends_the_sending_and_what_follows_waits_for_another_socket()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_comes_after_the_peers_end_waits_for_the_next_socket_though_nobody_has_read_the_end(bool isReset)
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
        var (ours, peer) = await ConnectAsync();
        var socket = new OwnedSocket(ours, default);
        using var connection = server.Connect(session, WebSocketTransport.Over(socket));
        var late = new HeldContinuations();
        var read = late.Run(() => connection.ReadAsync(new byte[10]).AsTask());

        if (isReset)
            OwnedSocket.Reset(peer);
        else
            peer.Dispose();
        await Until.TrueAsync(() => socket.HasPeerEnded);
        session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
        session.Outbox.Signal();
        Assert.Equal(10, session.Outbox.Bytes);

        await late.ReleaseAsync();
        await read.ContinueWith(static _ => { }, TaskScheduler.Default);
        var next = new NotingStream();
        using var second = server.Connect(session, next);
        await Until.TrueAsync(() => next.Length == 10);
        Assert.Equal(0, session.Outbox.Bytes);
    }

    [Fact]
    public async Task What_comes_when_the_end_can_be_read_waits_for_the_next_socket_though_the_reader_has_been_told()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
        var (ours, peer) = await ConnectAsync();
        var socket = new OwnedSocket(ours, default);
        using var connection = server.Connect(session, WebSocketTransport.Over(socket));

        var told = connection.ReadAsync(Memory<byte>.Empty);
        peer.Dispose();
        await told;
        session.Outbox.Append(WireEncoding.MessagePack, new byte[8]);
        session.Outbox.Signal();

        Assert.Equal(10, session.Outbox.Bytes);
        Assert.Equal(0, await connection.ReadAsync(new byte[10]));
        session.Outbox.Signal();
        Assert.Equal(10, session.Outbox.Bytes);
    }

    [Fact]
    public async Task What_a_replaced_socket_has_not_taken_leaves_by_the_next_one_without_a_gap()
    {
        const int Messages = 200_000;
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
        var (ours, peer) = await ConnectAsync();
        using var _ = peer;
        using var first = server.CreateConnection(session, WebSocketTransport.Over(new OwnedSocket(ours, default)));
        var socket = new NotingStream { WaitsEvery = 5 };
        using var second = server.CreateConnection(session, socket, static () => { });
        session.Outbox.Attach(first);
        AppendNumbers(session, Messages);
        first.Sender.Start();
        await Until.TrueAsync(() => first.Sender.IsWriting);

        session.Outbox.Attach(second);
        second.Sender.Start();
        first.SendClose(CloseCode.Replaced, "replaced");

        var close = FrameHeader.ServerLength(10) + 10;
        var taken = await ReadToCloseAsync(peer, close);
        await Until.TrueAsync(() => session.Outbox.Bytes == 0);
        Assert.Equal(Messages * 10, taken.Length - close + socket.Length);
        Assert.Equal(Enumerable.Range(0, Messages), Numbers([.. taken[..^close], .. socket.Bytes]));
        Assert.Equal(Messages, session.Sent);
        first.Abort();
    }

    [Fact]
    public async Task Messages_whose_sending_failed_leave_by_the_next_socket()
    {
        const int Messages = 10_000;
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
        var (ours, peer) = await ConnectAsync();
        using var first = server.CreateConnection(session, WebSocketTransport.Over(new OwnedSocket(ours, default)));
        session.Outbox.Attach(first);
        AppendNumbers(session, Messages);
        peer.Close(timeout: 0);
        await Until.TrueAsync(() => ours.Poll(0, SelectMode.SelectError));

        first.Sender.Start();
        await first.Sender.Ended.WaitAsync(Until.Patience);
        Assert.Equal(0, session.Sent);
        var socket = await SendOverNextAsync(server, session);
        Assert.Equal(Enumerable.Range(0, Messages), Numbers(socket.Bytes));
    }

    [Fact]
    public async Task Only_messages_of_which_a_lost_socket_took_something_are_lost_with_it()
    {
        const int Messages = 200_000;
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
        var (ours, peer) = await ConnectAsync();
        using var first = server.CreateConnection(session, WebSocketTransport.Over(new OwnedSocket(ours, default)));
        session.Outbox.Attach(first);
        AppendNumbers(session, Messages);
        first.Sender.Start();
        await Until.TrueAsync(() => first.Sender.IsWriting);

        // What the system holds between the two is all that can be lost.
        var most = BytesOnTheWay(ours, peer);
        peer.Close(timeout: 0);
        await first.Sender.Ended.WaitAsync(Until.Patience);
        var lost = session.Sent;
        Assert.InRange(lost, 1, (most + 9) / 10);
        var socket = await SendOverNextAsync(server, session);
        Assert.Equal(Enumerable.Range((int)lost, Messages - (int)lost), Numbers(socket.Bytes));
    }

    [Fact]
    public async Task A_peer_that_reads_slowly_does_not_count_as_stalled()
    {
        await using var server = await WireServer.StartAsync(redis, static options => options.WebSocketServer.Resend = ResendMode.None);
        var session = await server.OpenWaitingAsync();
        var (ours, peer) = await ConnectAsync();
        using var _ = peer;
        using var connection = server.CreateConnection(session, WebSocketTransport.Over(new OwnedSocket(ours, default)));
        session.Outbox.Attach(connection);
        // One message, whose writing takes as long as the peer takes to read it.
        session.Outbox.Append(WireEncoding.MessagePack, new byte[8 * 1024 * 1024]);
        connection.Sender.Start();
        await Until.TrueAsync(() => connection.Sender.IsWriting);
        var now = TimeProvider.System.GetTimestamp();
        await Until.TrueAsync(() => Look() > TimeSpan.Zero);

        var buffer = new byte[64 * 1024];
        for (var i = 0; i < 5; i++)
        {
            await ReadExactlyAsync(peer, buffer);
            await Until.TrueAsync(() => Look() == TimeSpan.Zero);
        }

        await Until.TrueAsync(() => Look() > TimeSpan.Zero);
        connection.Abort();

        // A hundred seconds after the last time.
        TimeSpan Look()
        {
            now += TimeProvider.System.TimestampFrequency * 100;
            return connection.Sender.GetStall(now, TimeProvider.System);
        }
    }

    // What waits leaves by a second socket, whole.
    private static async Task<NotingStream> SendOverNextAsync(WireServer server, Session session)
    {
        var socket = new NotingStream();
        using var second = server.Connect(session, socket);
        await Until.TrueAsync(() => session.Outbox.Bytes == 0);
        return socket;
    }

    private static void AppendNumbers(Session session, int count)
    {
        Span<byte> message = stackalloc byte[8];
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(message, i);
            session.Outbox.Append(WireEncoding.MessagePack, message);
        }
    }

    private static IEnumerable<int> Numbers(byte[] frames) => frames.Chunk(10).Select(static frame => BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(2)));

    // Two ends of a connection that holds little in between.
    private static async Task<(Socket Ours, Socket Peer)> ConnectAsync()
    {
        var (ours, peer) = await SocketPair.ConnectAsync(configurePeer: static peer => peer.ReceiveBufferSize = 8 * 1024);
        ours.SendBufferSize = 8 * 1024;
        return (ours, peer);
    }

    // In the send queue of one end and the receive queue of the other; what waits for its acknowledgement is in both.
    private static long BytesOnTheWay(Socket ours, Socket peer)
    {
        Assert.Equal(0, InputOutputControl((int)ours.Handle, BytesInSendQueue, out var unsent));
        return unsent + peer.Available;
    }

    [DllImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int InputOutputControl(int descriptor, nuint request, out int result);

    private static async Task<byte[]> ReadToCloseAsync(Socket peer, int close)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (bytes.Length < close || bytes.Length % 10 != close % 10 || bytes.GetBuffer()[bytes.Length - close] != 0x88)
        {
            var count = await peer.ReceiveAsync(buffer).WaitAsync(Until.Patience);
            Assert.NotEqual(0, count);
            bytes.Write(buffer, 0, count);
        }

        return bytes.ToArray();
    }

    private static async Task ReadExactlyAsync(Socket peer, byte[] buffer)
    {
        for (var read = 0; read < buffer.Length;)
        {
            read += await peer.ReceiveAsync(buffer.AsMemory(read)).AsTask().WaitAsync(Until.Patience);
        }
    }
}
