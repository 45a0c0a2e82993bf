using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.Dispatch.Values;

/// <summary>A stream entry as a map of its id and its fields.</summary>
internal sealed class RedisStreamEntryConverter(RedisFieldsConverter fields) : PackedOnceConverter<RedisStreamEntry>
{
    protected override void Pack(ref PackWriter writer, RedisStreamEntry value)
    {
        writer.WriteMapHeader(2);
        writer.WriteString("id");
        writer.WriteString(value.Id);
        writer.WriteString("fields");
        fields.Write(ref writer, value.Fields);
    }
}
