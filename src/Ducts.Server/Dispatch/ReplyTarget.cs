using System.Security.Claims;
using System.Threading.Channels;
using Ducts.Connections;
using Ducts.Dispatch.Binding.Results;
using Ducts.Dispatch.Binding;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Redis;
using Ducts.Sessions;

namespace Ducts.Dispatch;

/// <summary>Takes what a handler returned and sends it: what the request in dispatch and a detached one share.</summary>
internal abstract class ReplyTarget(IReplyChannel channel, Dispatcher dispatcher) : IInvocationTarget
{
    public IReplyChannel Channel => channel;

    public Dispatcher Dispatcher => dispatcher;

    public abstract EventEntry Entry { get; }

    public abstract WireEncoding Encoding { get; }

    /// <summary>The request's id as it came, in MessagePack.</summary>
    public abstract ReadOnlySpan<byte> RawRequestId { get; }

    /// <summary>Whether giving up is no fault of the handler.</summary>
    public virtual bool IsCancelled => false;

    public int EventId => Entry.Spec.Id;

    public IRedisClient Redis => dispatcher.Redis;

    /// <summary>Gets who the session's user was when the request came.</summary>
    public abstract SessionUser SessionUser { get; }

    public ClaimsPrincipal User => SessionUser.Principal;

    /// <summary>Gets the request's own services.</summary>
    public virtual IServiceProvider Services => Detach().Services;

    public abstract DuctsEvent GetEvent();

    public virtual IEventSession GetSession() => Detach().GetSession();

    public CancellationToken GetCancellationToken() => Detach().Token;

    public void Reply<T>(T value, PackConverter<T> converter)
    {
        var buffer = MessageBuffer.Rent();
        try
        {
            ReplyMessages.Value(buffer, RawRequestId, EventId, value, converter);
            if (buffer.Length > EventEntry.LargeReply)
                Entry.NoteReply(buffer.Length);
            Send(buffer);
        }
        catch (Exception exception)
        {
            // A result that cannot be packed, or whose members throw, is an error of this request alone.
            buffer.Clear();
            Fail(exception);
        }
        finally
        {
            buffer.Return();
        }
    }

    public void ReplyNull()
    {
        var buffer = MessageBuffer.Rent();
        ReplyMessages.Null(buffer, RawRequestId, EventId);
        Send(buffer);
        buffer.Return();
    }

    public void ReplyWhenDone(Task task)
    {
        if (task.IsCompletedSuccessfully)
            ReplyNull();
        else
            Detach().Run(static (request, work) => request.FinishAsync(work), task);
    }

    public void ReplyWhenDone<T>(ValueTask<T> task, PackConverter<T> converter)
    {
        if (task.IsCompletedSuccessfully)
            Reply(task.Result, converter);
        else
            Detach().Run(static (request, work) => request.FinishAsync(work.task, work.converter), (task, converter));
    }

    public void ReplyWhenDone<T>(ValueTask<T> task, ResultWriter<T> result)
    {
        if (task.IsCompletedSuccessfully)
            result.Write(this, task.Result);
        else
            Detach().Run(static (request, work) => request.FinishAsync(work.task, work.result), (task, result));
    }

    public void ReplyStream<T>(IAsyncEnumerable<T> items, PackConverter<T> converter) =>
        Detach().Run(static (request, work) => StreamPump.RunAsync(request, work.items, work.converter), (items, converter));

    public void ReplyStream<T>(IEnumerable<T> items, PackConverter<T> converter) =>
        ReplyStream(StreamPump.Enumerate(items), converter);

    public void ReplyStream<T>(ChannelReader<T> items, PackConverter<T> converter) =>
        ReplyStream(StreamPump.Enumerate(items, Detach().Token), converter);

    public void ReplyBytes(Stream bytes) =>
        Detach().Run(static (request, stream) => BytesReply.RunAsync(request, stream), bytes);

    public void Fail(string name, string message) => SendError(ErrorText.Format(name, message));

    /// <summary>Answers with what an exception may tell.</summary>
    public void Fail(Exception exception) => SendError(dispatcher.Errors.Text(Explain(exception), Entry, channel.SessionId, IsCancelled));

    /// <summary>Returns what the client is to be told in the place of an exception, or the exception itself.</summary>
    public virtual Exception Explain(Exception exception) => exception;

    /// <summary>The request as an object that outlives the dispatch.</summary>
    public abstract Request Detach();

    /// <summary>Sends the message in the buffer; the caller keeps the buffer.</summary>
    protected abstract void Send(MessageBuffer message);

    private void SendError(string text)
    {
        dispatcher.Metrics.Failed();
        var buffer = MessageBuffer.Rent();
        ReplyMessages.Text(buffer, RawRequestId, ProtocolEvents.ErrorOf(EventId), text);
        Send(buffer);
        buffer.Return();
    }
}
