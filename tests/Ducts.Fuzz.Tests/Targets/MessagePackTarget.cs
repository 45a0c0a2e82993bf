using System.Buffers;
using System.Buffers.Binary;
using Ducts.MessagePack;
using Ducts.MessagePack.Tests;

namespace Ducts.Fuzz.Targets;

/// <summary>Values in MessagePack: checked, read in every way, written again.</summary>
/// <remarks>The first byte chooses whether the value follows as it is or as decisions of which it is made.</remarks>
internal sealed class MessagePackTarget : IFuzzTarget
{
    private static readonly MessagePackLimits Few = new(MaxDepth: 3, MaxItems: 8, MaxBytes: 40);

    public string Name => "messagepack";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. Vectors.ValidNames.Select(static row => (byte[])[0, .. Vectors.Bytes(Vectors.Valid(row.Data))]).Where(static seed => seed.Length < 2000),
        .. Vectors.InvalidNames.Select(static row => (byte[])[0, .. Vectors.Bytes(Vectors.Invalid(row.Data))]).Where(static seed => seed.Length < 2000),
        [0, .. PackSerializer.Serialize(new object?[] { 1, 1000, new Everything(7, "x", 1.5, DateTime.UnixEpoch, Guid.Empty, [1, 2], [], new() { ["a"] = 1 }, DayOfWeek.Friday) })],
        .. Enumerable.Range(0, 16).Select(static kind => (byte[])[1, (byte)kind, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        var feed = new ByteFeed(input);
        var bytes = feed.Boolean() ? Build(ref feed) : feed.Rest().ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var status = MessagePackValidator.Validate(bytes, MessagePackLimits.Default, out var consumed);
        Claim.True(GC.GetAllocatedBytesForCurrentThread() - before < 4096);
        Claim.True(Enum.IsDefined(status));
        Claim.True(status == MessagePackStatus.Ok ? consumed > 0 : consumed == 0);
        Claim.True(Attempts.AllKeepThePositionUnlessOk(bytes));
        MessagePackValidator.Validate(bytes, Few, out _);
        // A request's head says what is wrong, whatever the bytes are.
        Claim.True(RequestForms.ReadHead(bytes, MessagePackLimits.Default) is not "");

        CompareWithOther(bytes, status, consumed);
        ReadAs<object>(bytes);
        ReadAs<Dictionary<string, object?>>(bytes);
        ReadAs<List<List<int?>>>(bytes);
        ReadAs<Everything>(bytes);
        ReadAs<(long, string, double)>(bytes);
        if (status == MessagePackStatus.Ok)
        {
            CheckValue(bytes[..consumed]);
        }
    }

    private static void CheckValue(byte[] bytes)
    {
        for (var length = 0; length < Math.Min(bytes.Length, 80); length++)
        {
            Claim.Equal(MessagePackStatus.EndOfData, MessagePackValidator.Validate(bytes.AsSpan(0, length), MessagePackLimits.Default, out _));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Claim.Equal(MessagePackStatus.Ok, MessagePackElement.TryParse(bytes, out var element));
        try
        {
            _ = element.ToObject();
        }
        catch (FormatException)
        {
            // Keys that a dictionary cannot tell apart.
        }

        // An empty map of one byte is a dictionary of 200.
        Claim.Proportionate(before, bytes.Length, factor: 512);
        _ = element.ToString();

        var reader = new PackReader(bytes);
        var meaning = Vectors.Describe(ref reader);
        Claim.True(reader.IsEnd);
        var rewritten = Rewrite(bytes);
        reader = new PackReader(rewritten);
        Claim.Equal(meaning, Vectors.Describe(ref reader));
        Claim.Equal(Convert.ToHexStringLower(rewritten), Convert.ToHexStringLower(Rewrite(rewritten)));
    }

    private static void ReadAs<T>(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isRead = PackSerializer.TryDeserialize<T>(bytes, out var value, out var error);
        Claim.Proportionate(before, bytes.Length, factor: 512);
        Claim.True(isRead || error!.ToString().Length > 0);
        if (!isRead)
        {
            return;
        }

        byte[] first;
        try
        {
            first = PackSerializer.Serialize(value);
        }
        catch (MessagePackWriteException)
        {
            // An extension, which no client could read.
            return;
        }

        Claim.True(PackSerializer.TryDeserialize<T>(first, out var again, out _));
        Claim.Equal(Convert.ToHexStringLower(first), Convert.ToHexStringLower(PackSerializer.Serialize(again)));
    }

    // What ours takes for a value the other takes for one of the same length, and what is none it takes for none.
    private static void CompareWithOther(byte[] bytes, MessagePackStatus status, int consumed)
    {
        // The other takes a count of 2^31 and more for none.
        if (status is not (MessagePackStatus.Ok or MessagePackStatus.EndOfData or MessagePackStatus.InvalidFormat)
            || (status != MessagePackStatus.Ok && bytes.AsSpan().ContainsAny<byte>(0xDD, 0xDF)))
        {
            return;
        }

        var other = new global::MessagePack.MessagePackReader(bytes);
        long length = 0;
        try
        {
            other.Skip();
            length = other.Consumed;
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentOutOfRangeException or global::MessagePack.MessagePackSerializationException)
        {
            // It is none; of a length of 2^31 and more, the other says so by the second.
        }

        Claim.Equal(consumed, length);
    }

    private static byte[] Rewrite(byte[] bytes)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        var reader = new PackReader(bytes);
        Copy(ref reader, ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void Copy(ref PackReader reader, ref PackWriter writer)
    {
        Claim.Equal(MessagePackStatus.Ok, reader.TryPeekKind(out var kind));
        switch (kind)
        {
            case MessagePackKind.Integer when reader.TryReadInt64(out var number) == MessagePackStatus.Ok:
                writer.WriteInt64(number);
                break;
            case MessagePackKind.Integer when reader.TryReadUInt64(out var number) == MessagePackStatus.Ok:
                writer.WriteUInt64(number);
                break;
            case MessagePackKind.Float when reader.TryReadDouble(out var number) == MessagePackStatus.Ok:
                writer.WriteDouble(number);
                break;
            case MessagePackKind.String when reader.TryReadString(out var text) == MessagePackStatus.Ok:
                writer.WriteString(text);
                break;
            case MessagePackKind.Binary when reader.TryReadBinary(out var binary) == MessagePackStatus.Ok:
                writer.WriteBinary(binary);
                break;
            case MessagePackKind.Array when reader.TryReadArrayHeader(out var count) == MessagePackStatus.Ok:
                writer.WriteArrayHeader(count);
                for (var i = 0; i < count; i++)
                {
                    Copy(ref reader, ref writer);
                }

                break;
            case MessagePackKind.Map when reader.TryReadMapHeader(out var count) == MessagePackStatus.Ok:
                writer.WriteMapHeader(count);
                for (var i = 0; i < 2 * count; i++)
                {
                    Copy(ref reader, ref writer);
                }

                break;
            default:
                Claim.Equal(MessagePackStatus.Ok, reader.TryReadRaw(out var raw, maxDepth: 1));
                writer.WriteRaw(raw);
                break;
        }
    }

    // A value in forms that writers differ in: more bytes than a length or a number needs, all kinds, any order.
    private static byte[] Build(ref ByteFeed feed)
    {
        var bytes = new List<byte>();
        Build(ref feed, bytes, depth: 0);
        return [.. bytes];
    }

    private static void Build(ref ByteFeed feed, List<byte> bytes, int depth)
    {
        var kind = feed.Below(16);
        if (depth > 70 || bytes.Count > 50_000)
        {
            kind = 0;
        }

        switch (kind)
        {
            case 0:
                bytes.Add(feed.Boolean() ? (byte)0xC0 : (byte)(0xC2 + feed.Below(2)));
                break;
            case 1:
                bytes.Add((byte)(feed.Boolean() ? feed.Byte() & 0x7F : 0xE0 | feed.Byte()));
                break;
            case 2 or 3:
                var width = 1 << feed.Below(4);
                bytes.Add((byte)((kind == 2 ? 0xCC : 0xD0) + int.Log2(width)));
                Number(bytes, feed.UInt64(), width);
                break;
            case 4:
                bytes.Add(0xCA);
                Number(bytes, feed.UInt64(), 4);
                break;
            case 5:
                bytes.Add(0xCB);
                Number(bytes, feed.UInt64(), 8);
                break;
            case 6 or 7 or 8 or 9:
                var text = feed.Take(feed.Byte());
                if (text.Length < 32 && feed.Boolean())
                {
                    bytes.Add((byte)(0xA0 | text.Length));
                }
                else
                {
                    Sized(bytes, kind == 9 ? 0xC4 : 0xD9, text.Length, feed.Below(3));
                }

                bytes.AddRange(text);
                break;
            case 10:
                var exponent = feed.Below(5);
                bytes.Add((byte)(0xD4 + exponent));
                bytes.Add(feed.Byte());
                Number(bytes, feed.UInt64(), 1 << exponent);
                break;
            case 11:
                var data = feed.Take(feed.Byte());
                Sized(bytes, 0xC7, data.Length, feed.Below(3));
                bytes.Add(feed.Boolean() ? (byte)0xFF : feed.Byte());
                bytes.AddRange(data);
                break;
            default:
                var isMap = kind >= 14;
                var count = feed.Below(kind % 2 == 0 ? 16 : 40);
                if (count < 16 && feed.Boolean())
                {
                    bytes.Add((byte)((isMap ? 0x80 : 0x90) | count));
                }
                else
                {
                    // Their shortest is the second form.
                    Sized(bytes, isMap ? 0xDD : 0xDB, count, 1 + feed.Below(2));
                }

                for (var i = 0; i < (isMap ? 2 * count : count); i++)
                {
                    Build(ref feed, bytes, depth + 1);
                }

                break;
        }
    }

    private static void Sized(List<byte> bytes, int code, int length, int form)
    {
        form = length > byte.MaxValue ? Math.Max(form, 1) : form;
        bytes.Add((byte)(code + form));
        Number(bytes, (ulong)length, 1 << form);
    }

    private static void Number(List<byte> bytes, ulong number, int width)
    {
        Span<byte> digits = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(digits[8..], number);
        bytes.AddRange(digits[(16 - width)..]);
    }

    private sealed record Everything(int Number, string? Text, double Score, DateTime When, Guid Id, byte[]? Raw, List<Everything>? Children, Dictionary<string, int>? Counts, DayOfWeek Day);
}
