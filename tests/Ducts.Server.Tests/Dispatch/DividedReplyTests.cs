using System.Buffers.Binary;
using Ducts.Dispatch;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Tests.Dispatch;

/// <summary>Large replies, whose pieces are sent from where the reply was packed.</summary>
public class DividedReplyTests
{
    private const int Threshold = 512 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<int, string> Cases { get; } = new()
    {
        { Threshold, "1" },
        { Threshold + 1, "1" },
        { (2 * Threshold) - 10, "1" },
        { 5 * 1024 * 1024, "1" },
        // No room for this one's head: its pieces are copied.
        { 3 * 1024 * 1024, "a request id of forty letters or there about" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_pieces_make_up_the_reply(int length, string requestId)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        await using var harness = new DispatchHarness((int _) => bytes);
        harness.Send(DispatchHarness.Pack(requestId, 0));

        var messages = await TakeUntilEndAsync(harness);

        Assert.All(messages, message => Assert.Equal(requestId, message[0].GetString()));
        Assert.All(messages, message => Assert.InRange(message.RawBytes.Length, 1, Threshold));
        Assert.Equal(ProtocolEvents.DividedResponseEnd, messages[^1][1].GetInt32());
        var pieces = messages[..^1];
        Assert.All(pieces, piece => Assert.Equal(ProtocolEvents.DividedResponseAppend, piece[1].GetInt32()));
        var reply = new MessagePackElement(pieces.SelectMany(static piece => piece[2].GetBytes().ToArray()).ToArray());
        Assert.Equal(requestId, reply[0].GetString());
        Assert.True(bytes.AsSpan().SequenceEqual(reply[2].GetBytes().Span));
    }

    private static async Task<List<MessagePackElement>> TakeUntilEndAsync(DispatchHarness harness)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var socket = new MemoryStream();
        while (true)
        {
            harness.Take(socket);
            var messages = Read(socket.ToArray());
            if (messages.Count > 0 && messages[^1][1].GetInt32() == ProtocolEvents.DividedResponseEnd)
                return messages;
            await Task.Delay(1, timeout.Token);
        }
    }

    private static List<MessagePackElement> Read(byte[] frames)
    {
        var messages = new List<MessagePackElement>();
        for (var position = 0; position < frames.Length;)
        {
            var frame = frames.AsSpan(position);
            Assert.Equal(0x82, frame[0]);
            var (head, length) = frame[1] switch
            {
                127 => (10, (int)BinaryPrimitives.ReadInt64BigEndian(frame[2..])),
                126 => (4, (int)BinaryPrimitives.ReadUInt16BigEndian(frame[2..])),
                var small => (2, (int)small),
            };
            messages.Add(new MessagePackElement(frames.AsMemory(position + head, length)));
            position += head + length;
        }

        return messages;
    }
}
