using System.Buffers.Binary;
using Microsoft.Coyote.Random;

namespace Ducts.Concurrency.Model;

/// <summary>The server's end of a socket. A test is its peer: sends bytes, and looks at the messages that came.</summary>
internal sealed class ModelSocket : Stream
{
    private readonly Generator _choices = Generator.Create();
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _incoming = new();
    private readonly List<byte> _written = [];
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _noted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writing;
    private int _writes;
    private bool _ended;
    private bool _aborted;
    private bool _hasOverlapped;

    /// <summary>Gets or sets how many writes the peer takes; the one after them fails without a byte of it having left.</summary>
    public int TakesWrites { get; set; } = int.MaxValue;

    /// <summary>Gets or sets whether the peer reads slowly: writes wait now and then, or are taken in part.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Gets or sets what ends when the peer begins to read; until then writes wait.</summary>
    public Task Reads { get; set; } = Task.CompletedTask;

    /// <summary>Gets the numbers of the messages that came, which <see cref="Message"/> has made.</summary>
    public IReadOnlyList<int> Received => Frames().Where(static frame => frame.Opcode == 2 && frame.Payload.Length == sizeof(int)).Select(static frame => BinaryPrimitives.ReadInt32LittleEndian(frame.Payload)).ToList();

    /// <summary>Gets how many messages the server says it had received when it took this connection; null until it says so.</summary>
    public int? Welcome
    {
        get
        {
            foreach (var (_, payload) in Frames())
            {
                // [null, 8, {"received": a small number, …
                if (payload is [0x93, 0xc0, 8, ..])
                {
                    return payload[payload.AsSpan().IndexOf("received"u8) + "received".Length];
                }
            }

            return null;
        }
    }

    /// <summary>Gets the code of the close frame that came; 0 for none.</summary>
    public int CloseCode => Frames().Where(static frame => frame.Opcode == 8).Select(static frame => (int)BinaryPrimitives.ReadUInt16BigEndian(frame.Payload)).FirstOrDefault();

    private Task Noted
    {
        get
        {
            lock (_gate)
            {
                Assert.False(_hasOverlapped);
                return _noted.Task;
            }
        }
    }

    public bool IsAborted
    {
        get
        {
            lock (_gate)
            {
                return _aborted;
            }
        }
    }

    public bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>A message of the server that has a number.</summary>
    public static byte[] Message(int number)
    {
        var message = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(message, number);
        return message;
    }

    /// <summary>The peer sends a frame.</summary>
    public void Send(int opcode, params byte[] payload) => Arrive([(byte)(0x80 | opcode), (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload]);

    /// <summary>The peer closes its side.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            _arrived.TrySetResult();
        }
    }

    /// <summary>The server cuts it.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            _aborted = true;
            _arrived.TrySetResult();
            Note();
        }
    }

    /// <summary>Waits until what was written fulfils a condition.</summary>
    public Task UntilAsync(Func<ModelSocket, bool> condition) => UntilAsync([this], () => condition(this));

    /// <summary>Waits until what was written to some sockets fulfils a condition.</summary>
    public static async Task UntilAsync(IReadOnlyList<ModelSocket> sockets, Func<bool> condition)
    {
        while (true)
        {
            var noted = sockets.Select(static socket => socket.Noted).ToArray();
            // Looked at first: what the condition sees may have come with the cut.
            var areCut = sockets.All(static socket => socket.IsAborted);
            if (condition())
            {
                return;
            }

            if (areCut)
            {
                throw new InvalidOperationException("The socket was cut before.");
            }

            await ModelTasks.WhenAny(noted);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task arrived;
            lock (_gate)
            {
                if (_aborted)
                {
                    throw new IOException("The socket was cut.");
                }

                if (_incoming.TryPeek(out var bytes))
                {
                    if (buffer.Length >= bytes.Length)
                    {
                        _incoming.Dequeue();
                        bytes.CopyTo(buffer);
                        return bytes.Length;
                    }

                    // An empty read waits only.
                    return 0;
                }

                if (_ended)
                {
                    return 0;
                }

                _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrived = _arrived.Task;
            }

            await arrived;
        }
    }

    /// <summary>Takes what the server writes, at once or when the peer has read.</summary>
    public async ValueTask TakeAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        BeginWrite();
        try
        {
            await Reads.WaitControlledAsync(cancellationToken);
            if (IsSlow && _choices.NextBoolean())
            {
                await Task.Yield();
            }

            cancellationToken.ThrowIfCancellationRequested();
            Write(buffer.Span);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    /// <summary>Takes as much of what the server writes as there is room for.</summary>
    public int TakeSome(ReadOnlySpan<byte> buffer)
    {
        BeginWrite();
        try
        {
            var room = Reads.IsCompleted ? buffer.Length : 0;
            var taken = IsSlow ? _choices.NextInteger(room + 1) : room;
            Write(buffer[..taken]);
            return taken;
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => TakeAsync(buffer, cancellationToken);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void BeginWrite() => _hasOverlapped |= Interlocked.Exchange(ref _writing, 1) == 1;

    private new void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_aborted || _writes >= TakesWrites)
            {
                throw new IOException("The socket is gone.");
            }

            _writes++;
            _written.AddRange(bytes);
            Note();
        }
    }

    // Under the gate.
    private void Note()
    {
        _noted.TrySetResult();
        _noted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Arrive(byte[] bytes)
    {
        lock (_gate)
        {
            _incoming.Enqueue(bytes);
            _arrived.TrySetResult();
        }
    }

    private List<(int Opcode, byte[] Payload)> Frames()
    {
        byte[] bytes;
        lock (_gate)
        {
            bytes = [.. _written];
        }

        var frames = new List<(int, byte[])>();
        for (var at = 0; at + 1 < bytes.Length;)
        {
            var length = bytes[at + 1];
            Assert.InRange(length, 0, 125);
            if (at + 2 + length > bytes.Length)
            {
                // The rest is on its way.
                break;
            }

            frames.Add((bytes[at] & 15, bytes[(at + 2)..(at + 2 + length)]));
            at += 2 + length;
        }

        return frames;
    }
}
