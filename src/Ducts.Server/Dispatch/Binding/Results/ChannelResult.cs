using System.Threading.Channels;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Results;

/// <summary>A stream of what a channel's writer writes.</summary>
/// <typeparam name="T">The declared type.</typeparam>
/// <typeparam name="TItem">The item's type.</typeparam>
internal sealed class ChannelResult<T, TItem>(MessagePackConverter<TItem> converter) : ResultWriter<T>
    where T : ChannelReader<TItem>
{
    public override void Write(IInvocationTarget target, T value)
    {
        if (value is null)
            target.ReplyNull();
        else
            target.ReplyStream((ChannelReader<TItem>)value, converter);
    }
}
