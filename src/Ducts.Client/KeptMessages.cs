using System.Buffers;

namespace Ducts.Client;

// Threading: Exchange calls every member under its lock.

/// <summary>
/// The messages that the server may not have received yet, by their numbers, in arrays of the shared pool, and the sizes of those that may still wait in its
/// inbox.
/// </summary>
internal sealed class KeptMessages
{
    private const int FirstCapacity = 16;

    // A ring: its size is a power of two, and a message's place the low bits of its number. Those up to Received have no bytes any more.
    private Kept[] _ring = new Kept[FirstCapacity];
    private long _inUse;

    /// <summary>Gets the number up to which the server has received all messages.</summary>
    public long Received { get; private set; }

    /// <summary>Gets the number up to which no message waits in the server's inbox; never above <see cref="Received"/>.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Gets the number of the last message.</summary>
    public long Last { get; private set; }

    /// <summary>Gets how many bytes those messages have behind <see cref="Confirmed"/> that count against the limit.</summary>
    public long UnconfirmedBytes { get; private set; }

    /// <summary>Adds a message, whose array belongs to this from then on.</summary>
    /// <returns>Its number.</returns>
    public long Add(ArraySegment<byte> message, bool counts)
    {
        if (Last - Confirmed == _ring.Length)
        {
            Grow();
        }

        var counted = counts ? message.Count : 0;
        _ring[PlaceOf(++Last)] = new Kept { Bytes = message, Counted = counted };
        UnconfirmedBytes += counted;
        return Last;
    }

    /// <summary>Gets a message for sending. Its array stays as it is until <see cref="Release"/>.</summary>
    public ReadOnlyMemory<byte> Use(long number)
    {
        _inUse = number;
        return _ring[PlaceOf(number)].Bytes;
    }

    /// <summary>Ends the use of a message.</summary>
    public void Release()
    {
        // Received while it was in use: its array is left to the garbage collector, for the socket may have failed with it.
        _inUse = 0;
    }

    /// <summary>Drops the messages up to a number that has been sent. They go on counting.</summary>
    public void Drop(long number)
    {
        while (Received < number)
        {
            ref var kept = ref _ring[PlaceOf(++Received)];
            if (Received != _inUse && kept.Bytes.Array is { Length: > 0 } array)
            {
                ArrayPool<byte>.Shared.Return(array);
            }

            kept.Bytes = default;
        }
    }

    /// <summary>Drops the messages up to a number that has been sent, and counts them no more.</summary>
    public void Confirm(long number)
    {
        Drop(number);
        while (Confirmed < number)
        {
            Forget(ref _ring[PlaceOf(++Confirmed)]);
        }
    }

    /// <summary>Counts one message no more that the server has received.</summary>
    public void ConfirmOne(long number)
    {
        if (number > Confirmed && number <= Received)
        {
            Forget(ref _ring[PlaceOf(number)]);
        }
    }

    /// <summary>Drops all messages and begins to count from 1 again.</summary>
    public void Restart()
    {
        Confirm(Last);
        Received = Confirmed = Last = 0;
    }

    private void Forget(ref Kept kept)
    {
        UnconfirmedBytes -= kept.Counted;
        kept.Counted = 0;
    }

    private int PlaceOf(long number) => (int)(number & (_ring.Length - 1));

    private void Grow()
    {
        var old = _ring;
        _ring = new Kept[old.Length * 2];
        for (var number = Confirmed + 1; number <= Last; number++)
        {
            _ring[PlaceOf(number)] = old[(int)(number & (old.Length - 1))];
        }
    }

    private struct Kept
    {
        public ArraySegment<byte> Bytes;
        public int Counted;
    }
}
