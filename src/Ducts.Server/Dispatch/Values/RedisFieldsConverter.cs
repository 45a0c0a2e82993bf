using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.Dispatch.Values;

/// <summary>The fields of a stream entry as a map of text.</summary>
internal sealed class RedisFieldsConverter : PackedOnceConverter<RedisFields>
{
    protected override void Pack(ref PackWriter writer, RedisFields value)
    {
        writer.WriteMapHeader(value.Count);
        foreach (var (name, text) in value)
        {
            writer.WriteString(name);
            writer.WriteString(text);
        }
    }
}
