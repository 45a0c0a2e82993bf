using Ducts.Protocol;

namespace Ducts.Dispatch.Binding.Invokers;

/// <summary>Stands for a handler that answers HTTP only.</summary>
internal sealed class AbsentInvoker : HandlerInvoker
{
    public override void Invoke(ref Invocation invocation) =>
        invocation.Target.Fail(ErrorNames.NotImplemented, "this event answers no requests, only its Web API does");
}
