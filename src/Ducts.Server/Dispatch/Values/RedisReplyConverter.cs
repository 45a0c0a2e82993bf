using System.Diagnostics.CodeAnalysis;
using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.Dispatch.Values;

/// <summary>A reply of Redis as what it holds: bulk strings as bin, everything else as it is.</summary>
internal sealed class RedisReplyConverter : WriteOnlyConverter<RedisReply>
{
    public override void Write(ref PackWriter writer, RedisReply value)
    {
        switch (value.Kind)
        {
            case RedisReplyKind.Null:
                writer.WriteNil();
                break;
            case RedisReplyKind.Integer:
                writer.WriteInt64(value.AsInt64());
                break;
            case RedisReplyKind.Double:
                writer.WriteDouble(value.AsDouble());
                break;
            case RedisReplyKind.Boolean:
                writer.WriteBoolean(value.AsBoolean());
                break;
            case RedisReplyKind.BulkString:
                writer.WriteBinary(value.AsBytes().Span);
                break;
            case RedisReplyKind.Map:
                WriteMap(ref writer, value.Items.Span);
                break;
            case RedisReplyKind.Array or RedisReplyKind.Set or RedisReplyKind.Push:
                writer.WriteArrayHeader(value.Count);
                foreach (var item in value.Items.Span)
                    Write(ref writer, item);
                break;
            default:
                writer.WriteString(value.AsString());
                break;
        }
    }

    private void WriteMap(ref PackWriter writer, ReadOnlySpan<RedisReply> items)
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
