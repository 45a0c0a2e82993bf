using Ducts.Dispatch;
using Ducts.Dispatch.Binding;
using Ducts.MessagePack;

namespace Ducts.BuiltIn;

/// <summary>CANCEL: the data is the id of a request of the same session, as that request had it.</summary>
internal sealed class CancelInvoker : HandlerInvoker
{
    private static readonly PackConverter<bool> Converter = PackSerializerOptions.Default.GetConverter<bool>();

    public override void Invoke(ref Invocation invocation)
    {
        var target = (ReplyTarget)invocation.Target;
        var found = target.Channel.Requests.Cancel(invocation.Data);
        target.Reply(found, Converter);
    }
}
