using System.Buffers;
using System.Buffers.Binary;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>A <c>params</c> list: by name a list, in an array all that the arguments before it leave, and empty when absent.</summary>
internal sealed class TailParameter<T>(ArgumentTraits<T> traits, MessagePackConverter<T> converter) : DataParameter<T>(traits, converter)
{
    private const byte Array32 = 0xdd;
    private const int HeaderSize = 5;

    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        if (frame.TailCount < 0)
            return base.TryGet(ref frame, out value);

        // The rest of an array is no value by itself; with a header of its own it is one.
        var rest = frame.Data[frame.TailAt..];
        var rented = ArrayPool<byte>.Shared.Rent(HeaderSize + rest.Length);
        try
        {
            rented[0] = Array32;
            BinaryPrimitives.WriteInt32BigEndian(rented.AsSpan(1), frame.TailCount);
            rest.CopyTo(rented.AsSpan(HeaderSize));
            return TryRead(ref frame, rented.AsSpan(0, HeaderSize + rest.Length), out value);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    protected override bool TryGetAbsent(ref ArgumentFrame frame, out T value) => TryRead(ref frame, [0x90], out value);
}
