using System.Buffers;

namespace Ducts.Client;

// Threading: Exchange calls every member under its lock.

/// <summary>The messages that the server has not confirmed yet, by their numbers, in arrays of the shared pool.</summary>
internal sealed class KeptMessages
{
    private const int FirstCapacity = 16;

    // A ring: its size is a power of two, and a message's place the low bits of its number.
    private Kept[] _ring = new Kept[FirstCapacity];
    private long _inUse;

    /// <summary>Gets the number up to which all messages are confirmed.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Gets the number of the last message.</summary>
    public long Last { get; private set; }

    /// <summary>Gets how many bytes of those messages are kept that count against the limit.</summary>
    public long CountedBytes { get; private set; }

    /// <summary>Adds a message, whose array belongs to this from then on.</summary>
    /// <returns>Its number.</returns>
    public long Add(ArraySegment<byte> message, bool counts)
    {
        if (Last - Confirmed == _ring.Length)
        {
            Grow();
        }

        _ring[PlaceOf(++Last)] = new Kept(message, counts);
        CountedBytes += counts ? message.Count : 0;
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
        // Confirmed while it was in use: its array is left to the garbage collector, for the socket may have failed with it.
        _inUse = 0;
    }

    /// <summary>Drops the messages up to a number that has been sent.</summary>
    public void Confirm(long number)
    {
        while (Confirmed < number)
        {
            ref var kept = ref _ring[PlaceOf(++Confirmed)];
            CountedBytes -= kept.Counts ? kept.Bytes.Count : 0;
            if (Confirmed != _inUse && kept.Bytes.Array is { Length: > 0 } array)
            {
                ArrayPool<byte>.Shared.Return(array);
            }

            kept = default;
        }
    }

    /// <summary>Drops all messages and begins to count from 1 again.</summary>
    public void Restart()
    {
        Confirm(Last);
        Confirmed = Last = 0;
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

    private readonly record struct Kept(ArraySegment<byte> Bytes, bool Counts);
}
