using System.Runtime.CompilerServices;
using Ducts.Connections;
using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.Dispatch.Values;

/// <summary>
/// The fields of a stream entry as a map of text. All followers of a stream are given the same object, so it is packed
/// once for all of them and kept as long as the object is.
/// </summary>
internal sealed class RedisFieldsConverter : WriteOnlyConverter<RedisFields>
{
    private readonly ConditionalWeakTable<RedisFields, byte[]> _packed = [];

    public override void Write(ref MessagePackWriter writer, RedisFields value)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        if (!_packed.TryGetValue(value, out var packed))
            packed = _packed.GetValue(value, Pack);
        writer.WriteRaw(packed);
    }

    private static byte[] Pack(RedisFields fields)
    {
        var buffer = new MessageBuffer();
        var writer = new MessagePackWriter(buffer);
        writer.WriteMapHeader(fields.Count);
        foreach (var (name, text) in fields)
        {
            writer.WriteString(name);
            writer.WriteString(text);
        }

        writer.Flush();
        var packed = buffer.Written.ToArray();
        buffer.Return();
        return packed;
    }
}
