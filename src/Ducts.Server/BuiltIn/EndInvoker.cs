using Ducts.Connections;
using Ducts.Dispatch;
using Ducts.Dispatch.Binding;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.BuiltIn;

/// <summary>END: the client of a session of version 2 ends it.</summary>
internal sealed class EndInvoker : HandlerInvoker
{
    private static readonly PackConverter<bool> Converter = PackSerializerOptions.Default.GetConverter<bool>();

    public override void Invoke(ref Invocation invocation)
    {
        var target = (ReplyTarget)invocation.Target;
        var reply = MessageBuffer.Rent();
        ReplyMessages.Value(reply, target.RawRequestId, target.EventId, value: true, Converter);
        if (!target.Channel.TryEndSession(reply, target.Encoding))
        {
            target.Fail(ErrorNames.Key, $"no event {target.EventId}");
        }

        reply.Return();
    }
}
