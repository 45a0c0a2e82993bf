using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ducts.Connections;

/// <summary>Unmasking of a client's payload, RFC 6455 section 5.3.</summary>
internal static class FrameMask
{
    /// <summary>Unmasks bytes in place.</summary>
    /// <param name="payload">The bytes.</param>
    /// <param name="mask">The four mask bytes, first byte lowest, turned so that it starts at the payload's first byte.</param>
    /// <returns>The mask turned for the byte that follows.</returns>
    public static uint Apply(Span<byte> payload, uint mask)
    {
        var rest = payload;
        if (rest.Length >= Vector<byte>.Count)
        {
            var pattern = Vector.AsVectorByte(new Vector<uint>(mask));
            ref var start = ref MemoryMarshal.GetReference(payload);
            var whole = rest.Length & ~(Vector<byte>.Count - 1);
            for (var i = 0; i < whole; i += Vector<byte>.Count)
            {
                ref var at = ref Unsafe.Add(ref start, i);
                (Vector.LoadUnsafe(ref at) ^ pattern).StoreUnsafe(ref at);
            }

            rest = rest[whole..];
        }

        while (rest.Length >= sizeof(uint))
        {
            MemoryMarshal.Write(rest, MemoryMarshal.Read<uint>(rest) ^ mask);
            rest = rest[sizeof(uint)..];
        }

        for (var i = 0; i < rest.Length; i++)
            rest[i] ^= (byte)(mask >> (8 * i));
        return BitOperations.RotateRight(mask, 8 * rest.Length);
    }
}
