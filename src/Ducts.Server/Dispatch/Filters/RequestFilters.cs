namespace Ducts.Dispatch.Filters;

/// <summary>The filters that were created for one request and have to be disposed with it, before the services that they were given.</summary>
/// <remarks>
/// Threading: filters are created one after the other, each when the one around it calls next. They are disposed when these have
/// returned.
/// </remarks>
internal sealed class RequestFilters(Request request) : IAsyncDisposable
{
    private readonly Stack<IEventFilter> _filters = [];

    public void Add(IEventFilter filter) => _filters.Push(filter);

    public async ValueTask DisposeAsync()
    {
        while (_filters.TryPop(out var filter))
        {
            try
            {
                if (filter is IAsyncDisposable asyncDisposable)
                    await asyncDisposable.DisposeAsync();
                else
                    ((IDisposable)filter).Dispose();
            }
            catch (Exception exception)
            {
                // The request has been answered, and the others have to be disposed.
                request.Dispatcher.Log.FilterDisposeFailed(exception, filter.GetType(), request.Entry.Spec.Key, request.Channel.SessionId);
            }
        }
    }
}
