using System.Collections;

namespace Ducts.MessagePack;

/// <summary>Enumerates the pairs of a map without allocating.</summary>
public struct MessagePackMapEnumerator : IEnumerable<MessagePackProperty>, IEnumerator<MessagePackProperty>
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private int _position;
    private int _index;

    internal MessagePackMapEnumerator(ReadOnlyMemory<byte> bytes, int count)
    {
        _bytes = bytes;
        Count = count;
    }

    /// <summary>Gets the number of pairs.</summary>
    public int Count { get; }

    /// <inheritdoc />
    public MessagePackProperty Current { get; private set; }

    readonly object IEnumerator.Current => Current;

    /// <summary>Returns a new enumerator that starts at the first pair.</summary>
    /// <returns>The enumerator.</returns>
    public readonly MessagePackMapEnumerator GetEnumerator() => new(_bytes, Count);

    readonly IEnumerator<MessagePackProperty> IEnumerable<MessagePackProperty>.GetEnumerator() => GetEnumerator();

    readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc />
    public bool MoveNext()
    {
        if (_index >= Count)
            return false;
        _index++;
        var key = MessagePackArrayEnumerator.Next(_bytes, ref _position);
        Current = new MessagePackProperty(key, MessagePackArrayEnumerator.Next(_bytes, ref _position));
        return true;
    }

    /// <inheritdoc />
    public void Reset()
    {
        _position = 0;
        _index = 0;
        Current = default;
    }

    /// <inheritdoc />
    public readonly void Dispose()
    {
    }
}
