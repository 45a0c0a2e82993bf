using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Results;

/// <summary>A stream of the items of an asynchronous sequence.</summary>
/// <typeparam name="T">The declared type.</typeparam>
/// <typeparam name="TItem">The item's type.</typeparam>
internal sealed class AsyncStreamResult<T, TItem>(MessagePackConverter<TItem> converter) : ResultWriter<T>
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
