using System.Diagnostics.CodeAnalysis;

namespace Ducts.Connections;

/// <summary>Chunks in the order in which they are sent, each the next of the one before.</summary>
/// <remarks>Threading: its owner's lock, but for <see cref="First"/>.</remarks>
internal struct ChunkList
{
    private OutboxChunk? _first;

    public readonly OutboxChunk? First => Volatile.Read(in _first);

    public OutboxChunk? Last { get; private set; }

    /// <summary>Gets how many messages the chunks have.</summary>
    public readonly int Messages
    {
        get
        {
            var messages = 0;
            for (var chunk = _first; chunk is not null; chunk = chunk.Next)
            {
                messages += chunk.Messages;
            }

            return messages;
        }
    }

    public static ChunkList Of(OutboxChunk chunk)
    {
        var list = default(ChunkList);
        list.Append(chunk);
        return list;
    }

    /// <summary>Gives back the memory of all chunks.</summary>
    public void Return()
    {
        while (TryRemove(out var chunk))
        {
            chunk.Return();
        }
    }

    public void Append(OutboxChunk chunk)
    {
        chunk.Next = null;
        if (Last is null)
        {
            _first = chunk;
        }
        else
        {
            Last.Next = chunk;
        }

        Last = chunk;
    }

    /// <summary>Puts a chunk before the others.</summary>
    public void Prepend(OutboxChunk chunk)
    {
        chunk.Next = _first;
        _first = chunk;
        Last ??= chunk;
    }

    /// <summary>Puts all chunks of another list before these.</summary>
    public void Prepend(ChunkList others)
    {
        if (others.Last is not { } last)
        {
            return;
        }

        last.Next = _first;
        _first = others._first;
        Last ??= last;
    }

    public bool TryRemove([NotNullWhen(true)] out OutboxChunk? chunk)
    {
        chunk = _first;
        if (chunk is null)
        {
            return false;
        }

        _first = chunk.Next;
        if (_first is null)
        {
            Last = null;
        }

        chunk.Next = null;
        return true;
    }
}
