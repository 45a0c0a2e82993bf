using System.Collections;
using System.Diagnostics;

namespace Ducts.MessagePack;

/// <summary>Enumerates the elements of an array without allocating.</summary>
public struct MessagePackArrayEnumerator : IEnumerable<MessagePackElement>, IEnumerator<MessagePackElement>
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private int _position;
    private int _index;

    internal MessagePackArrayEnumerator(ReadOnlyMemory<byte> bytes, int count)
    {
        _bytes = bytes;
        Count = count;
    }

    /// <summary>Gets the number of elements.</summary>
    public int Count { get; }

    /// <inheritdoc />
    public MessagePackElement Current { get; private set; }

    readonly object IEnumerator.Current => Current;

    /// <summary>Returns a new enumerator that starts at the first element.</summary>
    /// <returns>The enumerator.</returns>
    public readonly MessagePackArrayEnumerator GetEnumerator() => new(_bytes, Count);

    readonly IEnumerator<MessagePackElement> IEnumerable<MessagePackElement>.GetEnumerator() => GetEnumerator();

    readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc />
    public bool MoveNext()
    {
        if (_index >= Count)
            return false;
        _index++;
        Current = Next(_bytes, ref _position);
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

    internal static MessagePackElement Next(ReadOnlyMemory<byte> bytes, ref int position)
    {
        var status = MessagePackValidator.Walk(bytes.Span[position..], int.MaxValue, long.MaxValue, out var length);
        Debug.Assert(status == MessagePackStatus.Ok, "an element stands on bytes that were checked");
        var element = new MessagePackElement(bytes.Slice(position, length));
        position += length;
        return element;
    }
}
