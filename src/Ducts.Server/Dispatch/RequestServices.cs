using Microsoft.Extensions.DependencyInjection;

namespace Ducts.Dispatch;

/// <summary>
/// The services of one request, hook or module. Their scope is created when the first of them is asked for, and disposed with
/// this: a request that needs none costs none.
/// </summary>
/// <remarks>Threading: any thread asks; disposed once, when nobody asks any more.</remarks>
internal sealed class RequestServices(IServiceProvider root) : HandlerServices(root), IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IServiceProvider _root = root;
    private AsyncServiceScope? _scope;
    private bool _disposed;

    protected override IServiceProvider Inner
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(IServiceProvider));
                return (_scope ??= _root.CreateAsyncScope()).ServiceProvider;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        AsyncServiceScope? scope;
        lock (_gate)
        {
            _disposed = true;
            scope = _scope;
            _scope = null;
        }

        return scope?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
