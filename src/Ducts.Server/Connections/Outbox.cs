using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Ducts.Protocol;

namespace Ducts.Connections;

/// <summary>
/// What is to be sent, in order, as whole frames. It outlives sockets: what no socket has taken waits here for
/// the next one.
/// </summary>
/// <remarks>
/// Threading: any thread appends; the sender of the attached socket takes. One lock guards all, held only for a copy
/// of at most <see cref="OutboxChunk.Size"/> bytes. <see cref="Signal"/> sends on the calling thread, so it is called
/// without any lock held.
/// </remarks>
/// <param name="limit">The bytes above which <see cref="IsFull"/> is set.</param>
/// <param name="account">Where the memory is accounted for that is kept here; null for nowhere.</param>
internal sealed partial class Outbox(int limit, MemoryAccount? account = null)
{
    // Larger messages keep the buffer they were packed in instead of being copied.
    public const int CopyThreshold = OutboxChunk.Size / 4;

    // A piece of a divided message is admitted when no more than this of what was queued before it waits: small messages
    // go between the pieces, and a stream that keeps the outbox full does not keep the pieces from coming.
    private const int BulkLevel = 64 * 1024;

    // A chunk where memory is short: room for what it is made for and little else.
    private const int SmallChunk = 1024;

    private readonly Lock _gate = new();
    private readonly MemoryAccount _account = account ?? MemoryBudget.Unlimited.Open();
    private OutboxLevel _room = new(limit);
    private OutboxLevel _kept = new(limit);
    private OutboxPosition _bulk;
    private HeldReplies _held;
    private ChunkList _chunks;
    private Connection? _owner;
    private Sender? _sender;

    // Who has taken a chunk and not given account of it yet. Until then nobody else takes the next one, for what the
    // socket has not taken comes before that.
    private Connection? _writer;

    // What has been sent, until its receipt comes; null where none comes.
    private SentMessages? _sent;
    private bool _confirmsByPong;
    private bool _isUnread;
    private bool _isBounded;
    private Connection? _source;
    private TaskCompletionSource? _released;
    private bool _rewinds;
    private long _bytes;
    private long _unconfirmed;
    private long _memory;
    private long _gone;
    private long _taken;
    private bool _gathers;
    private bool _closed;
    private int _late;

    /// <summary>Bytes that wait or are being written, as the memory that they take.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Gets whether so much has gathered that it should be sent before more is added.</summary>
    public bool HasFullWrite => Bytes >= OutboxChunk.Size;

    /// <summary>Gets whether streams have to pause and requests have to wait: too much is queued or under way, or memory is short.</summary>
    public bool IsFull => IsOverLimit || IsShort;

    /// <summary>Gets whether more waits, or is not confirmed, than may.</summary>
    public bool IsOverLimit => Bytes + Unconfirmed + _held.Counted > limit;

    /// <summary>Gets the memory of what has been sent and is not confirmed, in bytes.</summary>
    public long Unconfirmed => Volatile.Read(ref _unconfirmed);

    private bool HasUnconfirmedBeyondLimit => Bytes + Unconfirmed > limit;

    private bool IsShort => _account.IsShort(Volatile.Read(ref _memory));

    /// <summary>Appends a message and leaves it to the caller to signal.</summary>
    public void Append(WireEncoding encoding, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > CopyThreshold)
        {
            var copy = ArrayPool<byte>.Shared.Rent(payload.Length + MessageBuffer.HeadRoom);
            payload.CopyTo(copy.AsSpan(MessageBuffer.HeadRoom));
            Append(encoding, copy, payload.Length);
            return;
        }

        Append(encoding, default, payload);
    }

    /// <summary>Appends a message of two parts, which are no more than <see cref="CopyThreshold"/> together.</summary>
    public void Append(WireEncoding encoding, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        var opcode = OpcodeOf(encoding);
        lock (_gate)
        {
            if (_closed)
                return;
            if (!_gathers || !_chunks.Last!.TryAppend(opcode, head, payload))
            {
                var size = head.Length + payload.Length;
                var chunk = OutboxChunk.ForGathering(_account.IsTight ? Math.Max(SmallChunk, size + FrameHeader.ServerLength(size) + OutboxChunk.CompanionRoom) : OutboxChunk.Size);
                chunk.TryAppend(opcode, head, payload);
                Add(chunk);
                _gathers = true;
            }

            var length = head.Length + payload.Length;
            _bytes += length + FrameHeader.ServerLength(length);
        }
    }

    /// <summary>Appends the message in a buffer, taking the buffer's array over when the message is large.</summary>
    public void Append(WireEncoding encoding, MessageBuffer message)
    {
        if (message.Length <= CopyThreshold)
            Append(encoding, message.Written);
        else
            Append(encoding, message.Detach(out var length), length);
    }

    /// <summary>Sends to the attached socket until nothing is left or its peer has to read.</summary>
    public void Signal() => Volatile.Read(ref _sender)?.Signal();

    /// <summary>Notes that it will be signalled a moment later; false when that is noted already.</summary>
    public bool TryMarkLate() => Interlocked.Exchange(ref _late, 1) == 0;

    /// <summary>Takes back what <see cref="TryMarkLate"/> noted; a signal follows.</summary>
    public void ClearLate() => Interlocked.Exchange(ref _late, 0);

    /// <summary>Waits until streams may go on. Ends at once when the outbox is closed; the caller looks for that.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) =>
        IsFull ? new ValueTask(WaitForLevelAsync(cancellationToken)) : ValueTask.CompletedTask;

    /// <summary>From now on this socket takes what waits; its sender begins with that by itself.</summary>
    public void Attach(Connection connection)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _owner = connection;
            _source = connection;
            _sender = connection.Sender;
        }
    }

    /// <summary>Stops a socket from taking more.</summary>
    public void Detach(Connection connection)
    {
        lock (_gate)
        {
            if (_owner != connection)
                return;
            _owner = null;
            _sender = null;
        }
    }

    /// <summary>Messages that sockets have taken.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Gets whether anything waits to be taken.</summary>
    public bool HasMessages => _chunks.First is not null;

    public bool TryTake(Connection connection, [NotNullWhen(true)] out OutboxChunk? chunk)
    {
        chunk = null;
        // What is appended later is signalled, and looked for again.
        if (!HasMessages)
            return false;
        lock (_gate)
        {
            if (_owner != connection || _writer is not null || !TryRemove(out chunk))
                return false;
            _writer = connection;
            chunk.RestoreEnds();
            _taken += chunk.Messages;
            return true;
        }
    }

    /// <summary>A chunk has been handed to the socket.</summary>
    public void Release(OutboxChunk chunk) => Release(chunk, chunk.Length);

    /// <summary>
    /// A socket takes no more of a chunk. The messages of which nothing was handed to it are sent before all others; one
    /// that was handed over in part is lost with the socket.
    /// </summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="sent">How many of its bytes the socket has taken.</param>
    public void Release(OutboxChunk chunk, int sent)
    {
        if (_sent is not null)
        {
            Keep(chunk, _confirmsByPong ? Math.Min(sent, chunk.Length) : chunk.Length);
            return;
        }

        TaskCompletionSource? room;
        TaskCompletionSource? bulk;
        TaskCompletionSource? released;
        Sender? next;
        bool remains;
        lock (_gate)
        {
            var cost = chunk.Cost;
            remains = sent < chunk.Length && !_closed && chunk.SkipSent(sent);
            if (remains)
            {
                PutBack(chunk);
                cost -= chunk.Cost;
            }
            else
            {
                _memory -= chunk.Memory;
            }

            _bytes -= cost;
            _gone += cost;
            room = TakeRoomWaiters();
            bulk = _bulk.TakeIfReached(_gone);
            next = _owner == _writer ? null : _sender;
            released = EndWriting();
        }

        if (!remains)
        {
            _account.Give(chunk.Memory);
            chunk.Return();
        }

        room?.SetResult();
        bulk?.SetResult();
        released?.SetResult();
        next?.Signal();
    }

    /// <summary>Drops what waits; what is appended later goes nowhere.</summary>
    public void Close()
    {
        TaskCompletionSource? room;
        TaskCompletionSource? kept;
        TaskCompletionSource? bulk;
        lock (_gate)
        {
            _closed = true;
            _owner = null;
            _sender = null;
            while (TryRemove(out var chunk))
            {
                _bytes -= chunk.Cost;
                _memory -= chunk.Memory;
                _account.Give(chunk.Memory);
                chunk.Return();
            }

            _sent?.Clear();
            _unconfirmed = 0;
            room = _room.TakeIfReached(0);
            kept = _kept.TakeIfReached(0);
            bulk = _bulk.TakeIfReached(long.MaxValue);
        }

        room?.SetResult();
        kept?.SetResult();
        bulk?.SetResult();
    }

    public static Opcode OpcodeOf(WireEncoding encoding) => encoding == WireEncoding.Json ? Opcode.Text : Opcode.Binary;

    private void Append(WireEncoding encoding, byte[] array, int length) =>
        Enqueue(OutboxChunk.Of(OpcodeOf(encoding), array, length));

    private void Enqueue(OutboxChunk chunk)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                Add(chunk);
                _bytes += chunk.Cost;
                return;
            }
        }

        chunk.Return();
    }

    private void Add(OutboxChunk chunk)
    {
        if (_gathers)
        {
            _bytes += _chunks.Last!.Seal();
            _gathers = false;
        }

        _chunks.Append(chunk);
        _memory += chunk.Memory;
        _account.Take(chunk.Memory);
    }

    private void PutBack(OutboxChunk chunk)
    {
        _taken -= chunk.Messages;
        _chunks.Prepend(chunk);
    }

    // Whoever waits for the last socket to let go may go on.
    private TaskCompletionSource? EndWriting()
    {
        _writer = null;
        var released = _released;
        _released = null;
        return released;
    }

    private TaskCompletionSource? TakeRoomWaiters() => _room.TakeIfReached(_bytes + _unconfirmed + _held.Counted);

    private bool TryRemove([NotNullWhen(true)] out OutboxChunk? chunk)
    {
        var isThere = _chunks.TryRemove(out chunk);
        _gathers &= _chunks.Last is not null;
        return isThere;
    }

    private async Task WaitForLevelAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = IsShort ? _account.WhenChanged() : null;
            lock (_gate)
            {
                if (_closed)
                    return;
                if (_bytes + _unconfirmed + _held.Counted > _room.Bytes)
                    changed = _room.Wait();
            }

            if (changed is null)
                return;
            if (IsFull)
                await changed.WaitAsync(cancellationToken);
        }
    }
}
