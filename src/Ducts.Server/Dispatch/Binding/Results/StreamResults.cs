using System.Threading.Channels;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Results;

/// <summary>A stream of the items of an asynchronous sequence.</summary>
/// <typeparam name="T">The declared type.</typeparam>
/// <typeparam name="TItem">The item's type.</typeparam>
internal sealed class AsyncStreamResult<T, TItem>(PackConverter<TItem> converter) : ResultWriter<T>
    where T : IAsyncEnumerable<TItem>
{
    public override void Write(IInvocationTarget target, T value)
    {
        if (value is null)
            target.ReplyNull();
        else
            target.ReplyStream((IAsyncEnumerable<TItem>)value, converter);
    }
}

/// <summary>A stream of what a channel's writer writes.</summary>
/// <typeparam name="T">The declared type.</typeparam>
/// <typeparam name="TItem">The item's type.</typeparam>
internal sealed class ChannelResult<T, TItem>(PackConverter<TItem> converter) : ResultWriter<T>
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

/// <summary>
/// A stream of the items of a sequence that is made as it is read; one that is there already, such as a list, is one
/// reply.
/// </summary>
internal sealed class SequenceResult<TItem>(
    PackConverter<TItem> item,
    PackConverter<IEnumerable<TItem>> whole) : ResultWriter<IEnumerable<TItem>?>
{
    // The type that came last: a handler mostly returns one and the same.
    private volatile Type? _streamed;

    public override void Write(IInvocationTarget target, IEnumerable<TItem>? value)
    {
        if (value is null)
        {
            target.ReplyNull();
        }
        else if (IsStored(value.GetType()))
        {
            target.Reply(value, whole);
        }
        else
        {
            target.ReplyStream(value, item);
        }
    }

    private bool IsStored(Type type)
    {
        if (type == _streamed)
            return false;
        if (ResultShape.IsStored(type))
            return true;
        _streamed = type;
        return false;
    }
}

/// <summary>One reply of a stream's bytes.</summary>
/// <typeparam name="T">The declared type.</typeparam>
internal sealed class BytesResult<T> : ResultWriter<T>
    where T : Stream
{
    public override void Write(IInvocationTarget target, T value)
    {
        if (value is null)
            target.ReplyNull();
        else
            target.ReplyBytes(value);
    }
}
