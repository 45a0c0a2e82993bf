using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Binding.Results;
using Microsoft.AspNetCore.Http;

namespace Ducts.Dispatch.Filters;

/// <summary>Runs filters around a handler.</summary>
/// <param name="inner">Calls the handler.</param>
/// <param name="filters">The filters, the outermost first.</param>
/// <param name="metadata">What the event declares.</param>
/// <param name="other">Writes results that are not what the handler returned.</param>
internal sealed class FilterInvoker(HandlerInvoker inner, EventFilterSource[] filters, EndpointMetadataCollection metadata, ResultWriter<object?> other) : HandlerInvoker
{
    public HandlerInvoker Inner => inner;

    public EventFilterSource[] Filters => filters;

    public ResultWriter<object?> Other => other;

    public override void Invoke(ref Invocation invocation)
    {
        var target = (ReplyTarget)invocation.Target;
        // Filters may wait before the handler reads the data, and on another thread.
        target.KeepData();
        var request = target.Detach();
        var call = new FilterCall(this, request, new RequestContext(request, metadata, target.SessionUser));
        request.Run(static (_, call) => call.RunAsync(), call);
    }
}
