namespace Ducts.Connections;

/// <summary>
/// The messages of a session that a socket has been given and whose receipt has not come: numbered from 1 on, in the order in
/// which they were sent, as they were. Small ones are kept close together, whatever the writes in which they left.
/// </summary>
/// <remarks>Threading: guarded by the outbox' lock.</remarks>
/// <param name="account">Where the memory is accounted for that is kept here.</param>
internal sealed class SentMessages(MemoryAccount account)
{
    // What is kept of a session that is sent little; it doubles with what is.
    private const int SmallestSize = 1024;

    private ChunkList _chunks;

    /// <summary>
    /// Gets the number of the last message up to which all have been received. It may be above <see cref="Last"/>: a receipt comes
    /// as soon as the peer has the message, and whoever sent that may not have said so yet.
    /// </summary>
    public long Confirmed { get; private set; }

    /// <summary>Gets the number of the last message that was kept.</summary>
    public long Last { get; private set; }

    /// <summary>Gets the memory that is kept, in bytes, arrays that others account for among it.</summary>
    public long Bytes { get; private set; }

    /// <summary>Keeps the messages of a chunk, which belongs to this from now on.</summary>
    public void Add(OutboxChunk chunk)
    {
        Last += chunk.Messages;
        if (Last <= Confirmed)
        {
            chunk.Return();
            return;
        }

        if (chunk.IsCompact)
        {
            Append(chunk);
            return;
        }

        var bytes = chunk.Bytes.Span;
        if (_chunks.Last is { } last && last.TryAppendFrames(bytes, chunk.Messages))
        {
            last.LastNumber = Last;
        }
        else
        {
            var size = _chunks.Last is { } before ? Math.Min(before.Kept * 2, OutboxChunk.Size) : SmallestSize;
            var kept = OutboxChunk.ForGathering(Math.Max(size, bytes.Length));
            kept.TryAppendFrames(bytes, chunk.Messages);
            kept.Position = chunk.Position;
            Append(kept);
        }

        chunk.Return();
    }

    /// <summary>Drops the messages up to a number.</summary>
    public void Confirm(long number)
    {
        Confirmed = Math.Max(number, Confirmed);
        while (_chunks.First is { } first && first.LastNumber <= Confirmed)
        {
            Take().Return();
        }
    }

    /// <summary>Drops the oldest messages until no more memory is kept than a limit.</summary>
    public void ConfirmOldest(long limit)
    {
        while (Bytes > limit && _chunks.First is { } first)
        {
            Confirm(first.LastNumber);
        }
    }

    /// <summary>Takes the chunks that were given to a socket from a position of its bytes on.</summary>
    public ChunkList TakeUnsent(long position)
    {
        var sent = default(ChunkList);
        var unsent = default(ChunkList);
        while (_chunks.First is not null)
        {
            var chunk = Take();
            if (chunk.Position < position)
            {
                sent.Append(chunk);
                continue;
            }

            Last -= chunk.Messages;
            chunk.Seal();
            unsent.Append(chunk);
        }

        while (sent.TryRemove(out var chunk))
        {
            Put(chunk);
        }

        return unsent;
    }

    /// <summary>Takes all messages that are kept, to be sent again.</summary>
    public ChunkList TakeAll()
    {
        var taken = default(ChunkList);
        while (_chunks.First is not null)
        {
            var chunk = Take();
            // The first of them may have been received in part.
            chunk.SkipMessages((int)Math.Max(0, Confirmed - (chunk.LastNumber - chunk.Messages)));
            chunk.Seal();
            taken.Append(chunk);
        }

        Last = Confirmed;
        return taken;
    }

    /// <summary>Drops all.</summary>
    public void Clear()
    {
        while (_chunks.First is not null)
        {
            Take().Return();
        }
    }

    private void Append(OutboxChunk chunk)
    {
        chunk.SetHanded();
        chunk.LastNumber = Last;
        Put(chunk);
    }

    private void Put(OutboxChunk chunk)
    {
        _chunks.Append(chunk);
        Bytes += chunk.Kept;
        account.Take(chunk.Memory);
    }

    private OutboxChunk Take()
    {
        _chunks.TryRemove(out var chunk);
        Bytes -= chunk!.Kept;
        account.Give(chunk.Memory);
        return chunk;
    }
}
