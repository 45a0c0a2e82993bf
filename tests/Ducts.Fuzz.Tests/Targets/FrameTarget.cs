using System.Buffers.Binary;
using Ducts.Connections;

namespace Ducts.Fuzz.Targets;

/// <summary>The frames of a client, as <see cref="MessageReader"/> makes messages of them.</summary>
/// <remarks>The first byte chooses the limit, the second whether frames follow as they are or as decisions of which they are made.</remarks>
internal sealed class FrameTarget : IFuzzTarget
{
    private static readonly int[] Limits = [0, 125, 1000, 70_000];

    public string Name => "frames";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        // As they are: text, a ping between fragments, a close, 16 and 64 bits of length, a lone continuation.
        [3, 0, 0x81, 0x82, 1, 2, 3, 4, (byte)'h' ^ 1, (byte)'i' ^ 2],
        [3, 0, 0x01, 0x81, 0, 0, 0, 0, (byte)'a', 0x89, 0x81, 0, 0, 0, 0, 9, 0x80, 0x81, 0, 0, 0, 0, (byte)'b'],
        [2, 0, 0x88, 0x82, 0, 0, 0, 0, 3, 232],
        [2, 0, 0x82, 0xFE, 0, 126, 0, 0, 0, 0, .. new byte[126]],
        [3, 0, 0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. new byte[100]],
        [1, 0, 0x80, 0x80, 0, 0, 0, 0],
        // Made of decisions.
        [3, 1, 0x82, 0, 5, 1, 2, 3, 4, 10, 11, 12, 13, 14],
        [3, 1, 0x02, 0, 3, 1, 2, 3, 4, 1, 2, 3, 0x89, 0, 1, 9, 9, 9, 9, 7, 0x80, 1, 2, 1, 1, 1, 1, 5, 6],
        [2, 1, 0x01, 2, 200, 0, 0, 0, 0, .. Enumerable.Repeat((byte)'x', 200), 0x80, 0, 1, 0, 0, 0, 0, 0x80],
        [0, 1, 0x82, 0, 0, 0, 0, 0, 0, 0x82, 0, 1, 0, 0, 0, 0, 1],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var feed = new ByteFeed(input);
        var limit = Limits[feed.Below(Limits.Length)];
        var bytes = feed.Boolean() ? Build(ref feed) : feed.Rest().ToArray();
        var expected = Parse(bytes, limit);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var whole = Read(bytes, limit, int.MaxValue, split: -1);
        Claim.Proportionate(before, bytes.Length, factor: 16);
        Check(expected, whole, "whole");
        Check(expected, Read(bytes, limit, 1, split: -1), "byte by byte");
        Check(expected, Read(bytes, limit, 1 + (bytes.Length % 13), split: -1), "in pieces");
        Check(expected, Read(bytes, limit, int.MaxValue, split: bytes.Length % 3), "read on by another reader");
    }

    private static byte[] Build(ref ByteFeed feed)
    {
        var bytes = new List<byte>();
        while (!feed.IsEmpty && bytes.Count < 200_000)
        {
            bytes.Add(feed.Byte());
            var form = feed.Below(8);
            int length = feed.Byte();
            // Longer ones of few decisions.
            length = form >= 6 ? length * 300 : length;
            var mask = feed.Take(4).ToArray();
            Array.Resize(ref mask, 4);
            var payload = feed.Take(length).ToArray();
            Array.Resize(ref payload, length);
            Head(bytes, length, form);
            bytes.AddRange(mask);
            for (var i = 0; i < payload.Length; i++)
            {
                bytes.Add((byte)(payload[i] ^ mask[i & 3]));
            }
        }

        return [.. bytes];
    }

    // Forms 1 and 2 take more bytes than the length needs, 3 leaves out the mask's bit.
    private static void Head(List<byte> bytes, int length, int form)
    {
        var masked = form == 3 ? 0 : 0x80;
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(number, length);
        if (form == 2 || length > ushort.MaxValue)
        {
            bytes.Add((byte)(masked | 127));
            bytes.AddRange(number);
        }
        else if (form == 1 || length > 125)
        {
            bytes.Add((byte)(masked | 126));
            bytes.AddRange(number[6..]);
        }
        else
        {
            bytes.Add((byte)(masked | length));
        }
    }

    /// <summary>RFC 6455 once more, the simple way.</summary>
    private static Outcome Parse(ReadOnlySpan<byte> bytes, int limit)
    {
        var messages = new List<(Opcode, byte[])>();
        List<byte>? message = null;
        Opcode kind = default;
        while (true)
        {
            if (bytes.Length < 2)
            {
                return new Outcome(messages, FrameStatus.Incomplete);
            }

            var (final, opcode) = (bytes[0] >= 0x80, bytes[0] & 15);
            var isControl = opcode >= 8;
            if ((bytes[0] & 0x70) != 0 || bytes[1] < 0x80 || opcode is (> 2 and < 8) or > 10 || (isControl && (!final || (bytes[1] & 127) > 125)))
            {
                return new Outcome(messages, FrameStatus.ProtocolError);
            }

            ulong length = bytes[1] & 127u;
            var more = length == 126 ? 2 : length == 127 ? 8 : 0;
            if (bytes.Length < 6 + more)
            {
                return new Outcome(messages, FrameStatus.Incomplete);
            }

            if (more > 0)
            {
                length = 0;
                foreach (var digit in bytes.Slice(2, more))
                {
                    length = (length << 8) | digit;
                }

                if (length < (more == 2 ? 126u : 65536u) || length > long.MaxValue)
                {
                    return new Outcome(messages, FrameStatus.ProtocolError);
                }
            }

            if (!isControl && (opcode == 0) != message is not null)
            {
                return new Outcome(messages, FrameStatus.ProtocolError);
            }

            if (!isControl && length + (ulong)(message?.Count ?? 0) > (ulong)limit)
            {
                return new Outcome(messages, FrameStatus.TooLarge);
            }

            var mask = bytes.Slice(2 + more, 4);
            bytes = bytes[(6 + more)..];
            if ((ulong)bytes.Length < length)
            {
                return new Outcome(messages, FrameStatus.Incomplete);
            }

            var payload = bytes[..(int)length].ToArray();
            for (var i = 0; i < payload.Length; i++)
            {
                payload[i] ^= mask[i & 3];
            }

            bytes = bytes[(int)length..];
            if (isControl)
            {
                messages.Add(((Opcode)opcode, payload));
                continue;
            }

            if (message is null)
            {
                (message, kind) = ([], (Opcode)opcode);
            }

            message.AddRange(payload);
            if (!final)
            {
                continue;
            }

            if (kind == Opcode.Text && !System.Text.Unicode.Utf8.IsValid(message.ToArray()))
            {
                return new Outcome(messages, FrameStatus.InvalidText);
            }

            messages.Add((kind, [.. message]));
            message = null;
        }
    }

    private static Outcome Read(byte[] bytes, int limit, int step, int split)
    {
        var reader = new MessageReader(limit);
        var messages = new List<(Opcode, byte[])>();
        var status = FrameStatus.Incomplete;
        for (var done = 0; done < bytes.Length && status == FrameStatus.Incomplete;)
        {
            var target = reader.PrepareRead();
            Claim.True(target.Length > 0);
            var count = Math.Min(Math.Min(step, target.Length), bytes.Length - done);
            bytes.AsSpan(done, count).CopyTo(target.Span);
            reader.Advance(count);
            done += count;
            while ((status = reader.TryRead(out var opcode, out var payload)) == FrameStatus.Complete)
            {
                messages.Add((opcode, payload.ToArray()));
                Claim.True(opcode >= Opcode.Close || payload.Length <= limit);
                if (opcode < Opcode.Close && split-- == 0)
                {
                    var before = reader;
                    reader = reader.Split();
                    // What was given last stays valid.
                    Claim.True(payload.Span.SequenceEqual(messages[^1].Item2));
                    before.Release();
                }
            }

            reader.ReleaseIfIdle();
        }

        reader.Release();
        return new Outcome(messages, status);
    }

    private static void Check(Outcome expected, Outcome actual, string how)
    {
        Claim.Equal(expected.Messages.Count, actual.Messages.Count, how);
        for (var i = 0; i < expected.Messages.Count; i++)
        {
            var (before, after) = (expected.Messages[i], actual.Messages[i]);
            Claim.Equal($"{before.Opcode} {Convert.ToHexStringLower(before.Payload)}", $"{after.Opcode} {Convert.ToHexStringLower(after.Payload)}", how);
        }

        Claim.Equal(expected.Status, actual.Status, how);
    }

    private sealed record Outcome(IReadOnlyList<(Opcode Opcode, byte[] Payload)> Messages, FrameStatus Status);
}
