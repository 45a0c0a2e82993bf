using Ducts.Dispatch.Values;
using Ducts.MessagePack;

namespace Ducts.Topics;

/// <summary>Writes an item as what it was packed to.</summary>
internal sealed class TopicItemConverter<T>(PackConverter<T> value) : WriteOnlyConverter<TopicItem<T>>
{
    public override void Write(ref PackWriter writer, TopicItem<T> item) => writer.WriteRaw(item.Pack(value));
}
