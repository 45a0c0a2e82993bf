using System.Threading.Channels;
using Ducts.Connections;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Dispatch;

/// <summary>Sends the items of a stream as they come, and pauses while the session's outbox is full.</summary>
internal static class StreamPump
{
    // The first item cannot be divided, for clients would get no queue; Python clients drop what is larger.
    private const int MaxFirstItem = 4 * 1024 * 1024;

    /// <summary>Streams to the client of a request.</summary>
    /// <returns>Ends with the stream.</returns>
    public static Task RunAsync<T>(Request request, IAsyncEnumerable<T> items, PackConverter<T> converter) =>
        items is ISelfSendingStream<T> stream && request.Window is null ? stream.SendAsync(request, converter) : PumpAsync(request, items, converter);

    public static async IAsyncEnumerable<T> Enumerate<T>(IEnumerable<T> items)
    {
        foreach (var item in items)
            yield return item;
        await ValueTask.CompletedTask;
    }

    public static IAsyncEnumerable<T> Enumerate<T>(ChannelReader<T> items, CancellationToken cancellationToken) =>
        items.ReadAllAsync(cancellationToken);

    /// <summary>Ends a stream, unless it has ended: regularly, or with an error where the server has broken it off.</summary>
    public static void End(Request request, bool started)
    {
        if (request.IsBrokenOff)
        {
            // However its handler took it: a regular end would pass what has come for the whole.
            Fail(request, new OperationCanceledException(), started);
            return;
        }

        if (!request.TryFinish())
            return;
        var buffer = MessageBuffer.Rent();
        if (!started)
        {
            ReplyMessages.LoopNull(buffer, ProtocolEvents.LoopResponseStart, request.RawRequestId, request.EventId);
            request.SendEnd(buffer);
            buffer.Clear();
        }

        ReplyMessages.LoopNull(buffer, ProtocolEvents.LoopResponseEnd, request.RawRequestId, request.EventId);
        request.SendEnd(buffer);
        buffer.Return();
        request.Channel.Flush();
    }

    /// <summary>Sends the items one after the other.</summary>
    /// <returns>Ends with the stream.</returns>
    public static async Task PumpAsync<T>(Request request, IAsyncEnumerable<T> items, PackConverter<T> converter)
    {
        request.BeginStream();
        var token = request.Token;
        // A producer that never waits must not keep the receive loop's thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);

        try
        {
            var enumerator = items.GetAsyncEnumerator(token);
            await using (enumerator.ConfigureAwait(false))
            {
                var pace = new StreamPace(request.Dispatcher.Time);
                while (true)
                {
                    // The generator stays at its yield: what it would make next may depend on when it is asked.
                    if (request.Window is { } window && !window.TryTake())
                    {
                        request.Channel.Flush();
                        await window.TakeAsync(token);
                    }

                    bool hasItem;
                    var next = enumerator.MoveNextAsync();
                    if (next.IsCompleted)
                    {
                        hasItem = await next;
                    }
                    else
                    {
                        Flush(request, ref pace);
                        var cameMeanwhile = next.IsCompleted;
                        hasItem = await next;
                        pace.EndWait(cameMeanwhile);
                    }

                    if (!hasItem)
                        break;
                    if (request.IsFinished)
                        return;
                    // Who may not have the stream any more gets no further item, whatever its handler still has to say.
                    if (request.IsRefused)
                    {
                        End(request, request.HasStarted);
                        return;
                    }

                    // Of many streams that begin at once, each would have an item beyond the limit.
                    if (!request.HasStarted && request.Channel.IsFull)
                        await request.Channel.WaitForRoomAsync(token);
                    await SendAsync(request, enumerator.Current, converter);
                    if (request.IsCancelled)
                        token.ThrowIfCancellationRequested();
                }
            }

            End(request, request.HasStarted);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // A client that has cancelled gets a regular end. A closed session gets nothing.
            End(request, request.HasStarted);
        }
        catch (Exception exception)
        {
            Fail(request, exception, request.HasStarted);
        }
    }

    // Before waiting for more, what has gathered goes out.
    private static void Flush(Request request, ref StreamPace pace)
    {
        if (pace.BeginWait())
        {
            request.Channel.FlushSoon();
            return;
        }

        request.Channel.Flush();
        pace.NoteSent();
    }

    private static ValueTask SendAsync<T>(Request request, T item, PackConverter<T> converter)
    {
        var sending = Send(request, item, converter, request.HasStarted);
        if (!sending.IsCompletedSuccessfully)
            return new ValueTask(SendSlowAsync(request, sending));
        if (!request.Channel.HasFullWrite)
            return ValueTask.CompletedTask;
        request.Channel.Flush();
        return request.Channel.WaitForRoomAsync(request.Token);
    }

    private static async Task SendSlowAsync(Request request, Task sending)
    {
        request.Channel.Flush();
        await sending;
        await request.Channel.WaitForRoomAsync(request.Token);
    }

    private static Task Send<T>(Request request, T item, PackConverter<T> converter, bool started)
    {
        var buffer = MessageBuffer.Rent();
        try
        {
            var loopEvent = started ? ProtocolEvents.LoopResponseNext : ProtocolEvents.LoopResponseStart;
            ReplyMessages.Item(buffer, loopEvent, request.RawRequestId, request.EventId, item, converter);
            if (buffer.Length > EventEntry.LargeReply)
                request.Entry.NoteReply(buffer.Length);
            if (!started && buffer.Length > MaxFirstItem)
                throw new EventException(ErrorNames.Value, $"the first item of the stream has {buffer.Length} bytes, more than {MaxFirstItem}");
            if (!request.TryBeginItem())
                return Task.CompletedTask;
            try
            {
                if (started)
                    return request.SendItemAsync(buffer);
                request.Channel.SendWhole(buffer, request.Encoding);
                // At once: who ends the stream while it waits for room must not begin it again.
                request.HasStarted = true;
                return Task.CompletedTask;
            }
            finally
            {
                request.EndItem();
            }
        }
        finally
        {
            buffer.Return();
        }
    }

    private static void Fail(Request request, Exception exception, bool started)
    {
        if (!started)
        {
            request.Fail(exception);
            return;
        }

        if (!request.TryFinish())
            return;
        var text = request.Dispatcher.Errors.Text(request.Explain(exception), request.Entry, request.Channel.SessionId, request.IsCancelled);
        request.Dispatcher.Metrics.Failed();
        var buffer = MessageBuffer.Rent();
        ReplyMessages.LoopText(buffer, ProtocolEvents.LoopResponseNext, request.RawRequestId, -request.EventId, text);
        request.SendEnd(buffer);
        buffer.Clear();
        ReplyMessages.LoopNull(buffer, ProtocolEvents.LoopResponseEnd, request.RawRequestId, -request.EventId);
        request.SendEnd(buffer);
        buffer.Return();
        request.Channel.Flush();
    }
}
