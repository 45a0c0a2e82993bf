using System.Security.Claims;
using System.Threading.Channels;
using Ducts.Dispatch.Binding.Results;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Redis;

namespace Ducts.Dispatch.Binding;

/// <summary>
/// The request as an invoker sees it: it gives the parameters that do not come from the data, and takes what the handler
/// returned. Exactly one of its <c>Reply…</c> methods or <see cref="Fail"/> is called, unless the handler throws.
/// </summary>
// Threading: one object per call, used only on the thread that calls HandlerInvoker.Invoke; a ResultWriter handed to
// ReplyWhenDone calls back on the thread that finds the task done.
internal interface IInvocationTarget
{
    IRedisClient Redis { get; }

    ClaimsPrincipal User { get; }

    IServiceProvider Services { get; }

    /// <summary>The request as an object that owns a copy of its data.</summary>
    DuctsEvent GetEvent();

    IEventSession GetSession();

    /// <summary>Cancelled when the session closes, the client cancels, or the server stops.</summary>
    CancellationToken GetCancellationToken();

    void Reply<T>(T value, PackConverter<T> converter);

    void ReplyNull();

    /// <summary>Null once the task has ended.</summary>
    void ReplyWhenDone(Task task);

    void ReplyWhenDone<T>(ValueTask<T> task, PackConverter<T> converter);

    /// <summary>
    /// For results of which only their value says how to reply, such as a task of a stream: once the task has ended, the
    /// target calls <see cref="ResultWriter{T}.Write"/> with itself and the value.
    /// </summary>
    void ReplyWhenDone<T>(ValueTask<T> task, ResultWriter<T> result);

    void ReplyStream<T>(IAsyncEnumerable<T> items, PackConverter<T> converter);

    void ReplyStream<T>(IEnumerable<T> items, PackConverter<T> converter);

    void ReplyStream<T>(ChannelReader<T> items, PackConverter<T> converter);

    /// <summary>One reply of all the bytes; the target disposes the stream.</summary>
    void ReplyBytes(Stream bytes);

    /// <summary>The request is answered by an error; the handler was not called.</summary>
    /// <param name="name">One of <see cref="ErrorNames"/>.</param>
    /// <param name="message">For the caller, not yet escaped.</param>
    void Fail(string name, string message);
}
