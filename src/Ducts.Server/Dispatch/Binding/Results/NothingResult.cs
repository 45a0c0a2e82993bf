namespace Ducts.Dispatch.Binding.Results;

internal sealed class NothingResult : ResultWriter<Nothing>
{
    public override void Write(IInvocationTarget target, Nothing value) => target.ReplyNull();
}
