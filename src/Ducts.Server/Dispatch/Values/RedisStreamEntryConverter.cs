using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.Dispatch.Values;

/// <summary>A stream entry as a map of its id and its fields.</summary>
internal sealed class RedisStreamEntryConverter : WriteOnlyConverter<RedisStreamEntry>
{
    private readonly RedisFieldsConverter _fields = new();

    public override void Write(ref MessagePackWriter writer, RedisStreamEntry value)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteMapHeader(2);
        writer.WriteString("id");
        writer.WriteString(value.Id);
        writer.WriteString("fields");
        _fields.Write(ref writer, value.Fields);
    }
}
