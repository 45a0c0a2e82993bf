using System.Buffers.Binary;

namespace Ducts.Fuzz;

/// <summary>Makes inputs of seeds. The same random numbers make the same inputs.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, Random random)
{
    private const int MaxLength = 16 * 1024;

    // Where lengths and counts change their form, and where they overflow.
    private static readonly long[] Edges =
    [
        0, 1, 15, 16, 31, 32, 125, 126, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 8 << 20, int.MaxValue, 1L << 31, uint.MaxValue, long.MaxValue, -1,
    ];

    public byte[] Next()
    {
        if (random.Next(8) == 0)
        {
            var noise = new byte[random.Next(1, 200)];
            random.NextBytes(noise);
            return noise;
        }

        var input = seeds[random.Next(seeds.Count)];
        for (var changes = random.Next(0, 6); changes > 0; changes--)
        {
            input = Change(input);
        }

        return input.Length <= MaxLength ? input : input[..MaxLength];
    }

    private byte[] Change(byte[] input)
    {
        if (input.Length == 0)
        {
            return [(byte)random.Next(256)];
        }

        var at = random.Next(input.Length);
        var length = Math.Min(random.Next(1, 9), input.Length - at);
        switch (random.Next(8))
        {
            case 0:
                return [.. input[..at], (byte)(input[at] ^ (1 << random.Next(8))), .. input[(at + 1)..]];
            case 1:
                return [.. input[..at], (byte)random.Next(256), .. input[(at + 1)..]];
            case 2:
                return [.. input[..at], (byte)random.Next(256), .. input[at..]];
            case 3:
                return [.. input[..at], .. input[(at + length)..]];
            case 4:
                return input[..at];
            case 5:
                // A part of it several times: nesting, repetition.
                return [.. input[..at], .. Enumerable.Repeat(input[at..(at + length)], random.Next(2, 40)).SelectMany(static part => part), .. input[(at + length)..]];
            case 6:
                var other = seeds[random.Next(seeds.Count)];
                return [.. input[..at], .. other[random.Next(other.Length + 1)..]];
            default:
                var number = new byte[sizeof(long)];
                BinaryPrimitives.WriteInt64BigEndian(number, Edges[random.Next(Edges.Length)]);
                return [.. input[..at], .. number[(sizeof(long) - (1 << random.Next(4)))..], .. input[(at + length)..]];
        }
    }
}
