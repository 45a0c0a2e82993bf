using System.Diagnostics.CodeAnalysis;
using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.Dispatch.Values;

/// <summary>A reply of Redis as what it holds: bulk strings as bin, everything else as it is.</summary>
internal sealed class RedisValueConverter : WriteOnlyConverter<RedisValue>
{
    public override void Write(ref MessagePackWriter writer, RedisValue value)
    {
        switch (value.Kind)
        {
            case RedisValueKind.Null:
                writer.WriteNil();
                break;
            case RedisValueKind.Integer:
                writer.WriteInt64(value.AsInt64());
                break;
            case RedisValueKind.Double:
                writer.WriteDouble(value.AsDouble());
                break;
            case RedisValueKind.Boolean:
                writer.WriteBoolean(value.AsBoolean());
                break;
            case RedisValueKind.BulkString:
                writer.WriteBinary(value.AsBytes().Span);
                break;
            case RedisValueKind.Map:
                WriteMap(ref writer, value.Items.Span);
                break;
            case RedisValueKind.Array or RedisValueKind.Set or RedisValueKind.Push:
                writer.WriteArrayHeader(value.Count);
                foreach (var item in value.Items.Span)
                    Write(ref writer, item);
                break;
            default:
                writer.WriteString(value.AsString());
                break;
        }
    }

    private void WriteMap(ref MessagePackWriter writer, ReadOnlySpan<RedisValue> items)
    {
        writer.WriteMapHeader(items.Length / 2);
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            // Clients take maps with keys of text only.
            writer.WriteString(items[i].AsString());
            Write(ref writer, items[i + 1]);
        }
    }
}
