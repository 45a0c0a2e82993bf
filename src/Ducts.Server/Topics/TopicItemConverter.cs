using Ducts.Dispatch.Values;
using Ducts.MessagePack;

namespace Ducts.Topics;

/// <summary>Writes an item as what it was packed to.</summary>
internal sealed class TopicItemConverter<T>(MessagePackConverter<T> value) : WriteOnlyConverter<TopicItem<T>>
{
    public override void Write(ref MessagePackWriter writer, TopicItem<T> item) => writer.WriteRaw(item.Pack(value));
}
