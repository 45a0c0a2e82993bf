using System.Buffers;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using MessagePack.Resolvers;
using Nerdbank.MessagePack;
using PolyType;
using CSharpType = global::MessagePack.MessagePackType;

namespace Ducts.MessagePack.Tests;

/// <summary>Other codecs beside ours: what one writes the others read as the same, and all write the same bytes.</summary>
public sealed partial class OracleTests
{
    // Names as they are in C#, as the others have them.
    private static readonly PackSerializerOptions Named = new(new System.Text.Json.JsonSerializerOptions());

    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(60);

    [Fact]
    public void All_codecs_write_a_value_in_the_same_bytes() => ForAny(static value =>
    {
        var ours = Hex(WriteOurs(value));
        Assert.Equal(ours, Hex(WriteCSharp(value)));
        Assert.Equal(ours, Hex(WriteNerdbank(value)));
    });

    [Fact]
    public void What_ours_writes_the_others_read_as_the_same() => ForAny(static value =>
    {
        var bytes = WriteOurs(value);
        var csharp = new global::MessagePack.MessagePackReader(bytes);
        var nerdbank = new MessagePackReader(bytes);
        Assert.Equal(OracleValue.Describe(value), OracleValue.Describe(ReadCSharp(ref csharp)));
        Assert.Equal(OracleValue.Describe(value), OracleValue.Describe(ReadNerdbank(ref nerdbank)));
        Assert.True(csharp.End);
        Assert.True(nerdbank.End);
    });

    [Fact]
    public void What_the_others_write_ours_reads_as_the_same() => ForAny(static value =>
    {
        foreach (var bytes in (byte[][])[WriteCSharp(value), WriteNerdbank(value)])
        {
            var reader = new PackReader(bytes);
            Assert.Equal(OracleValue.Describe(value), OracleValue.Describe(ReadOurs(ref reader)));
            Assert.True(reader.IsEnd);
        }
    });

    [Fact]
    public void Records_pass_between_the_codecs_in_both_directions() => Prop.ForAll(Orders().ToArbitrary(), static order =>
    {
        var contractless = ContractlessStandardResolver.Options;
        var nerdbank = new MessagePackSerializer();
        var ours = PackSerializer.Serialize(order, Named);

        Assert.Equal(order, global::MessagePack.MessagePackSerializer.Deserialize<OracleOrder>(ours, contractless));
        Assert.Equal(order, nerdbank.Deserialize<OracleOrder>(ours));
        foreach (var bytes in (byte[][])[global::MessagePack.MessagePackSerializer.Serialize(order, contractless), nerdbank.Serialize(order)])
        {
            Assert.True(PackSerializer.TryDeserialize<OracleOrder>(bytes, out var back, out var error, Named), error?.ToString());
            Assert.Equal(order, back);
        }
    }).Check(Runs);

    [Fact]
    public void A_record_in_JSON_text_is_what_System_Text_Json_writes() => Prop.ForAll(Orders().ToArbitrary(), static order =>
    {
        var expected = System.Text.Json.JsonSerializer.SerializeToNode(order);
        var packed = PackSerializer.Serialize(order, Named);

        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(expected, System.Text.Json.Nodes.JsonNode.Parse(MessagePackElement.Parse(packed).ToString())));
        var json = new System.Text.Json.Utf8JsonReader(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(order));
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        Assert.True(MessagePackJson.TryRead(ref json, ref writer, 64, out var problem), problem);
        writer.Flush();
        Assert.True(PackSerializer.TryDeserialize<OracleOrder>(output.WrittenSpan, out var back, out var error, Named), error?.ToString());
        Assert.Equal(order, back);
    }).Check(Runs);

    private static void ForAny(Action<object?> holds) => Prop.ForAll(OracleValue.Any.ToArbitrary(), holds).Check(Runs);

    private static Gen<OracleOrder> Orders() =>
        from number in ArbMap.Default.GeneratorFor<long>()
        from customer in Gen.OneOf(OracleValue.Text.Select(static text => (string?)text), Gen.Constant((string?)null))
        // JSON has no others.
        from price in ArbMap.Default.GeneratorFor<NormalFloat>()
        from isPaid in ArbMap.Default.GeneratorFor<bool>()
        from lines in ArbMap.Default.GeneratorFor<int>().ListOf(3)
        from next in Gen.Frequency((3, Gen.Constant((OracleOrder?)null)), (1, Gen.Constant((OracleOrder?)new OracleOrder(1, "x", 0.5, true, [], null))))
        select new OracleOrder(number, customer, price.Get, isPaid, [.. lines], next);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static byte[] WriteOurs(object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        WriteOurs(ref writer, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteOurs(ref PackWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case bool truth:
                writer.WriteBoolean(truth);
                break;
            case ulong number:
                writer.WriteUInt64(number);
                break;
            case double number:
                writer.WriteDouble(number);
                break;
            case string text:
                writer.WriteString(text);
                break;
            case byte[] bytes:
                writer.WriteBinary(bytes);
                break;
            case List<object?> items:
                writer.WriteArrayHeader(items.Count);
                foreach (var item in items)
                {
                    WriteOurs(ref writer, item);
                }

                break;
            case List<(object? Key, object? Value)> pairs:
                writer.WriteMapHeader(pairs.Count);
                foreach (var (key, item) in pairs)
                {
                    WriteOurs(ref writer, key);
                    WriteOurs(ref writer, item);
                }

                break;
            default:
                writer.WriteInt64(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static object? ReadOurs(ref PackReader reader)
    {
        Assert.Equal(MessagePackStatus.Ok, reader.TryPeekKind(out var kind));
        switch (kind)
        {
            case MessagePackKind.Nil:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadNil());
                return null;
            case MessagePackKind.Boolean:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadBoolean(out var truth));
                return truth;
            case MessagePackKind.Integer when reader.TryReadInt64(out var signed) == MessagePackStatus.Ok:
                return signed;
            case MessagePackKind.Integer:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadUInt64(out var unsigned));
                return unsigned;
            case MessagePackKind.Float:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadDouble(out var number));
                return number;
            case MessagePackKind.String:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadString(out var text));
                return text;
            case MessagePackKind.Binary:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadBinary(out var bytes));
                return bytes.ToArray();
            case MessagePackKind.Array:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadArrayHeader(out var count));
                var items = new List<object?>();
                for (var i = 0; i < count; i++)
                {
                    items.Add(ReadOurs(ref reader));
                }

                return items;
            default:
                Assert.Equal(MessagePackStatus.Ok, reader.TryReadMapHeader(out var size));
                var pairs = new List<(object? Key, object? Value)>();
                for (var i = 0; i < size; i++)
                {
                    pairs.Add((ReadOurs(ref reader), ReadOurs(ref reader)));
                }

                return pairs;
        }
    }

    private static byte[] WriteCSharp(object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new global::MessagePack.MessagePackWriter(output);
        WriteCSharp(ref writer, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteCSharp(ref global::MessagePack.MessagePackWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case bool truth:
                writer.Write(truth);
                break;
            case ulong number:
                writer.Write(number);
                break;
            case double number:
                writer.Write(number);
                break;
            case string text:
                writer.Write(text);
                break;
            case byte[] bytes:
                writer.Write(bytes);
                break;
            case List<object?> items:
                writer.WriteArrayHeader(items.Count);
                foreach (var item in items)
                {
                    WriteCSharp(ref writer, item);
                }

                break;
            case List<(object? Key, object? Value)> pairs:
                writer.WriteMapHeader(pairs.Count);
                foreach (var (key, item) in pairs)
                {
                    WriteCSharp(ref writer, key);
                    WriteCSharp(ref writer, item);
                }

                break;
            default:
                writer.Write(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static object? ReadCSharp(ref global::MessagePack.MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case CSharpType.Nil:
                reader.ReadNil();
                return null;
            case CSharpType.Boolean:
                return reader.ReadBoolean();
            case CSharpType.Integer when reader.NextCode == global::MessagePack.MessagePackCode.UInt64:
                return reader.ReadUInt64();
            case CSharpType.Integer:
                return reader.ReadInt64();
            case CSharpType.Float:
                return reader.ReadDouble();
            case CSharpType.String:
                return reader.ReadString();
            case CSharpType.Binary:
                return reader.ReadBytes()!.Value.ToArray();
            case CSharpType.Array:
                var items = new List<object?>();
                for (var count = reader.ReadArrayHeader(); count > 0; count--)
                {
                    items.Add(ReadCSharp(ref reader));
                }

                return items;
            default:
                var pairs = new List<(object? Key, object? Value)>();
                for (var count = reader.ReadMapHeader(); count > 0; count--)
                {
                    pairs.Add((ReadCSharp(ref reader), ReadCSharp(ref reader)));
                }

                return pairs;
        }
    }

    private static byte[] WriteNerdbank(object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        WriteNerdbank(ref writer, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void WriteNerdbank(ref MessagePackWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case bool truth:
                writer.Write(truth);
                break;
            case ulong number:
                writer.Write(number);
                break;
            case double number:
                writer.Write(number);
                break;
            case string text:
                writer.Write(text);
                break;
            case byte[] bytes:
                writer.Write(bytes);
                break;
            case List<object?> items:
                writer.WriteArrayHeader(items.Count);
                foreach (var item in items)
                {
                    WriteNerdbank(ref writer, item);
                }

                break;
            case List<(object? Key, object? Value)> pairs:
                writer.WriteMapHeader(pairs.Count);
                foreach (var (key, item) in pairs)
                {
                    WriteNerdbank(ref writer, key);
                    WriteNerdbank(ref writer, item);
                }

                break;
            default:
                writer.Write(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static object? ReadNerdbank(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return null;
            case MessagePackType.Boolean:
                return reader.ReadBoolean();
            case MessagePackType.Integer when reader.NextCode == 0xCF:
                return reader.ReadUInt64();
            case MessagePackType.Integer:
                return reader.ReadInt64();
            case MessagePackType.Float:
                return reader.ReadDouble();
            case MessagePackType.String:
                return reader.ReadString();
            case MessagePackType.Binary:
                return reader.ReadBytes()!.Value.ToArray();
            case MessagePackType.Array:
                var items = new List<object?>();
                for (var count = reader.ReadArrayHeader(); count > 0; count--)
                {
                    items.Add(ReadNerdbank(ref reader));
                }

                return items;
            default:
                var pairs = new List<(object? Key, object? Value)>();
                for (var count = reader.ReadMapHeader(); count > 0; count--)
                {
                    pairs.Add((ReadNerdbank(ref reader), ReadNerdbank(ref reader)));
                }

                return pairs;
        }
    }
}

/// <summary>A record that all serializers know.</summary>
[GenerateShape]
public sealed partial record OracleOrder(long Number, string? Customer, double Price, bool IsPaid, List<int> Lines, OracleOrder? Next)
{
    public bool Equals(OracleOrder? other) => other is not null
        && (Number, Customer, Price, IsPaid) == (other.Number, other.Customer, other.Price, other.IsPaid)
        && Lines.SequenceEqual(other.Lines)
        && Equals(Next, other.Next);

    public override int GetHashCode() => Number.GetHashCode();
}
