using System.Security.Claims;
using System.Threading.Channels;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Binding.Results;
using Ducts.MessagePack;
using Ducts.Redis;

namespace Ducts.Dispatch.Filters;

/// <summary>Takes what a handler returned for the filters around it, in the place of the request.</summary>
internal sealed class CapturingTarget(Request request) : IInvocationTarget
{
    private CapturedResult? _result;

    // Started when it is awaited, so that what it turns out to hold comes after it.
    private Func<Task>? _open;

    public IRedisClient Redis => request.Redis;

    public ClaimsPrincipal User => request.User;

    public IServiceProvider Services => request.Services;

    /// <summary>Waits for what the handler returned.</summary>
    /// <returns>The result; null for none.</returns>
    public async ValueTask<CapturedResult?> FinishAsync()
    {
        while (_open is { } open)
        {
            _open = null;
            await open();
        }

        return _result;
    }

    public DuctsEvent GetEvent() => request.GetEvent();

    public IEventSession GetSession() => request.GetSession();

    public CancellationToken GetCancellationToken() => request.Token;

    public void Reply<T>(T value, PackConverter<T> converter) => _result = new CapturedValue<T>(value, converter);

    public void ReplyNull() => _result = null;

    public void ReplyWhenDone(Task task) => _open = () => task;

    public void ReplyWhenDone<T>(ValueTask<T> task, PackConverter<T> converter) => _open = async () => Reply(await task, converter);

    public void ReplyWhenDone<T>(ValueTask<T> task, ResultWriter<T> result) => _open = async () => result.Write(this, await task);

    public void ReplyStream<T>(IAsyncEnumerable<T> items, PackConverter<T> converter) => _result = new CapturedStream<T>(items, converter);

    public void ReplyStream<T>(IEnumerable<T> items, PackConverter<T> converter) => ReplyStream(StreamPump.Enumerate(items), converter);

    public void ReplyStream<T>(ChannelReader<T> items, PackConverter<T> converter) => ReplyStream(StreamPump.Enumerate(items, request.Token), converter);

    public void ReplyBytes(Stream bytes) => _result = new CapturedBytes(bytes);

    public void Fail(string name, string message) => throw new EventException(name, message);
}
