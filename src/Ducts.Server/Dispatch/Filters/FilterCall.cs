using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Binding.Results;

namespace Ducts.Dispatch.Filters;

/// <summary>One request on its way through the filters of an event, and back: it writes what they have made of the result.</summary>
internal sealed class FilterCall(FilterInvoker invoker, Request request, RequestContext context) : ResultWriter<object?>
{
    private CapturedResult? _result;
    private RequestFilters? _created;
    private volatile bool _isOver;

    /// <summary>Runs the filters and the handler, and sends what they return.</summary>
    public async Task RunAsync()
    {
        try
        {
            await request.FinishAsync(RunFiltersAsync(), this);
        }
        finally
        {
            // Not before all is sent: a filter may have put something in its place that reads from it.
            if (_result is { } captured)
            {
                await captured.DropAsync();
            }

            if (_created is { } created)
            {
                await created.DisposeAsync();
            }
        }
    }

    public override void Write(IInvocationTarget target, object? value)
    {
        if (_result?.TryReply(target, value) != true)
        {
            invoker.Other.Write(target, value);
        }
    }

    private async ValueTask<object?> RunFiltersAsync()
    {
        try
        {
            return await RunAsync(0, context);
        }
        finally
        {
            _isOver = true;
        }
    }

    private ValueTask<object?> RunAsync(int index, EventContext context)
    {
        if (index == invoker.Filters.Length)
        {
            return CallHandlerAsync();
        }

        var filter = GetFilter(invoker.Filters[index]);
        var calls = 0;
        return filter.InvokeAsync(context, next =>
        {
            ArgumentNullException.ThrowIfNull(next);
            if (Interlocked.Exchange(ref calls, 1) != 0)
            {
                throw new InvalidOperationException($"The filter {filter.GetType()} called next twice for event {request.Entry.Spec.Key}. Call it once: a handler runs once for each request.");
            }

            if (_isOver)
            {
                throw new InvalidOperationException($"The filter {filter.GetType()} called next for event {request.Entry.Spec.Key} after it had returned. Await next before returning.");
            }

            return RunAsync(index + 1, next);
        });
    }

    private IEventFilter GetFilter(EventFilterSource source)
    {
        var filter = source.Get(request.Services);
        if (source.IsOfRequest && filter is IAsyncDisposable or IDisposable)
        {
            (_created ??= new RequestFilters(request)).Add(filter);
        }

        return filter;
    }

    private async ValueTask<object?> CallHandlerAsync()
    {
        var target = new CapturingTarget(request);
        Invoke(target);
        _result = await target.FinishAsync();
        return _result?.Value;
    }

    private void Invoke(CapturingTarget target)
    {
        var invocation = new Invocation(request.Data.Span, target);
        invoker.Inner.Invoke(ref invocation);
    }
}
