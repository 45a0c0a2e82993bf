namespace Ducts.Dispatch.Binding.Results;

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
