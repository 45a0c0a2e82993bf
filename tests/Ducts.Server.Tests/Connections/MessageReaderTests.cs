using System.Text;
using Ducts.Connections;
using Ducts.Tests.Support;

namespace Ducts.Tests.Connections;

public sealed class MessageReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public void Messages_are_the_same_however_their_bytes_come(int step)
    {
        var text = new string('y', 70_000);
        byte[] bytes =
        [
            .. WireClient.FrameBytes(Opcode.Binary, [1, 2, 3]),
            .. WireClient.FrameBytes(Opcode.Text, Encoding.UTF8.GetBytes("h\u00e9")),
            .. WireClient.FrameBytes(Opcode.Text, Encoding.UTF8.GetBytes("ab"), final: false),
            .. WireClient.FrameBytes(Opcode.Ping, [9]),
            .. WireClient.FrameBytes(Opcode.Continuation, [], final: false),
            .. WireClient.FrameBytes(Opcode.Continuation, Encoding.UTF8.GetBytes(text)),
            .. WireClient.FrameBytes(Opcode.Binary, new byte[40_000]),
            .. WireClient.FrameBytes(Opcode.Close, [3, 232]),
        ];

        var messages = Read(bytes, step, out var status);

        Assert.Equal(FrameStatus.Incomplete, status);
        Assert.Equal(["Binary 010203", "Text 68c3a9", "Ping 09", "Text 70002 6162", "Binary 40000 0000", "Close 03e8"], messages);
    }

    [Fact]
    public void Random_bytes_give_a_status_and_no_memory()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            // Half of them get a head that is good, or they would all end at the first byte.
            if (round % 2 == 0 && bytes.Length > 6)
                (bytes[0], bytes[1]) = ((byte)(random.Next(2) == 0 ? 0x82 : 0x02), (byte)(0x80 | random.Next(128)));
            Read(bytes, random.Next(1, 50), out var status);
            Assert.True(Enum.IsDefined(status), $"seed {seed}, round {round}");
        }
    }

    private static List<string> Read(byte[] bytes, int step, out FrameStatus status)
    {
        var reader = new MessageReader(1024 * 1024);
        var messages = new List<string>();
        status = FrameStatus.Incomplete;
        for (var done = 0; done < bytes.Length;)
        {
            var target = reader.PrepareRead();
            var count = Math.Min(Math.Min(step, target.Length), bytes.Length - done);
            bytes.AsSpan(done, count).CopyTo(target.Span);
            reader.Advance(count);
            done += count;
            while ((status = reader.TryRead(out var opcode, out var payload)) == FrameStatus.Complete)
                messages.Add($"{opcode} {Describe(payload.Span)}");
            if (status != FrameStatus.Incomplete)
                break;
            reader.ReleaseIfIdle();
        }

        reader.Release();
        return messages;
    }

    private static string Describe(ReadOnlySpan<byte> payload) =>
        payload.Length < 10 ? Convert.ToHexStringLower(payload) : $"{payload.Length} {Convert.ToHexStringLower(payload[..2])}";
}
