using Ducts.Connections;

namespace Ducts.Tests.Support;

/// <summary>Puts divided messages together.</summary>
internal static class Pieces
{
    /// <summary>Reads the pieces of one message, of a request id that is one byte, and nothing else.</summary>
    public static async Task<byte[]> JoinAsync(WireClient client, byte requestId, int mostBytes = 512 * 1024)
    {
        var whole = new MemoryStream();
        while (true)
        {
            var (opcode, message) = await client.ReceiveBytesAsync();
            Assert.Equal(Opcode.Binary, opcode);
            Assert.True(message.Length <= mostBytes, $"a piece of {message.Length} bytes");
            Assert.Equal(0x93, message[0]);
            Assert.Equal(requestId, message[1]);
            if (message[2] == 5)
            {
                Assert.Equal([0x93, requestId, 5, 0xc0], message);
                return whole.ToArray();
            }

            Assert.Equal(4, message[2]);
            whole.Write(BinOf(message.AsSpan(3)));
        }
    }

    private static ReadOnlySpan<byte> BinOf(ReadOnlySpan<byte> value) => value[0] switch
    {
        0xc4 => value[2..],
        0xc5 => value[3..],
        0xc6 => value[5..],
        _ => throw new InvalidDataException($"a piece is no bin but {value[0]:x2}"),
    };
}
