using Ducts.Connections;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Binding.Results;
using Ducts.Dispatch.Errors;
using Ducts.MessagePack;
using Ducts.Sessions;
using Ducts.Protocol;

namespace Ducts.Dispatch;

/// <summary>A request that outlives its dispatch: one that waits, streams, or whose handler asked for more than its data.</summary>
/// <remarks>Threading: what the handler returned is awaited by one task; <see cref="Cancel"/> comes from any thread.</remarks>
#pragma warning disable CA1001 // A handler may keep the token, and its source has no timer to give back; the services are disposed at the end of the request.
internal sealed partial class Request : ReplyTarget, ISessionRequest
#pragma warning restore CA1001
{
    private readonly byte[] _requestId;
    private readonly DateTimeOffset _timestamp;
    private readonly int _size;
    private CancellationTokenSource? _cancellation;
    private IEventSession? _view;
    private RequestServices? _services;
    private Task _work = Task.CompletedTask;

    // What the work that runs has turned out to hold; it goes on with it.
    private Func<Task>? _next;
    private StreamReview? _review;
    private ReadOnlyMemory<byte> _data;
    private bool _cancelled;
    private bool _streams;
    private bool _isRefused;
    private EventException? _brokenOff;
    private int _finished;
    private int _sendsItem;

    public Request(InvocationScope scope)
        : base(scope.Channel, scope.Dispatcher)
    {
        Entry = scope.Entry;
        Encoding = scope.Encoding;
        _requestId = scope.RawRequestId.ToArray();
        _timestamp = scope.Dispatcher.Time.GetUtcNow();
        _size = scope.Size;
        SessionUser = scope.SessionUser;
        Window = scope.Credit > 0 ? new StreamWindow(scope.Credit) : null;
    }

    public override EventEntry Entry { get; }

    public override SessionUser SessionUser { get; }

    public override WireEncoding Encoding { get; }

    /// <summary>Gets how many items its stream may send; null for no limit.</summary>
    public StreamWindow? Window { get; }

    public override ReadOnlySpan<byte> RawRequestId => _requestId;

    public override bool IsCancelled => Volatile.Read(ref _cancelled);

    /// <summary>The server ends it before its time, so that what its client has received is not the whole.</summary>
    public bool IsBrokenOff => Volatile.Read(ref _brokenOff) is not null;

    /// <summary>Nothing of it is sent any more but its end.</summary>
    public bool IsRefused => Volatile.Read(ref _isRefused);

    public bool IsStream { get; private set; }

    /// <summary>The handler returned something that is still being awaited.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>The first item of a stream has been sent.</summary>
    public bool HasStarted { get; set; }

    /// <summary>The last message of the request has been sent, by the handler or in its place.</summary>
    public bool IsFinished => Volatile.Read(ref _finished) != 0;

    /// <summary>Cancelled when the session closes, the client cancels, or the server stops.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_requestId)
            {
                if (_cancellation is not null)
                    return _cancellation.Token;
                _cancellation = new CancellationTokenSource();
                if (_cancelled)
                    _cancellation.Cancel();
            }

            Channel.Requests.Add(this);
            return _cancellation.Token;
        }
    }

    /// <summary>Gets the copy of its data; empty unless it was kept.</summary>
    public ReadOnlyMemory<byte> Data => _data;

    /// <summary>What the client is told of a handler that gave up because the server had broken the request off.</summary>
    public override Exception Explain(Exception exception) =>
        Volatile.Read(ref _brokenOff) is { } reason && ErrorMapper.Unwrap(exception) is OperationCanceledException ? reason : exception;

    public override DuctsEvent GetEvent() => _data.IsEmpty
        ? throw new InvalidOperationException("The data of a request is read while it is dispatched.")
        : new DuctsEvent(Entry.Spec.Id, Entry.Spec.Key, new MessagePackElement(_data), GetSession());

    public override Request Detach() => this;

    public override void KeepData()
    {
        // Whoever has detached the request from its dispatch before its data was read, has kept them.
    }

    /// <summary>Keeps a copy of its data for as long as it runs.</summary>
    public void KeepData(ReadOnlySpan<byte> data)
    {
        if (_data.IsEmpty)
        {
            _data = data.ToArray();
        }
    }

    public override IServiceProvider Services
    {
        get
        {
            // Who reviews the rights of a stream does so beside its handler.
            if (Volatile.Read(ref _services) is { } known)
                return known;
            var services = new RequestServices(Dispatcher.Services);
            return Interlocked.CompareExchange(ref _services, services, null) ?? services;
        }
    }

    public override IEventSession GetSession() => _view ??= Channel.CreateView(_requestId, _timestamp, SessionUser, Services);

    /// <summary>Awaits what the handler returned; errors are answered.</summary>
    public void Run<TState>(Func<Request, TState, Task> work, TState state)
    {
        if (IsRunning)
        {
            // Such as a task that turned out to hold a stream. Only when what runs has returned, and by it: what began here could
            // be over, and be followed by something else, before anybody knew of it.
            _next = () => work(this, state);
            return;
        }

        BeginRunning();
        Channel.Requests.Add(this);
        _work = RunAsync(work, state);
    }

    public async Task FinishAsync(Task task)
    {
        await task;
        ReplyNull();
    }

    public async Task FinishAsync<T>(ValueTask<T> task, PackConverter<T> converter)
    {
        var value = await task;
        var reserved = await WaitToPackAsync();
        Reply(value, converter);
        if (reserved > 0)
            Channel.Account.EndReserve(reserved);
    }

    public async Task FinishAsync<T>(ValueTask<T> task, ResultWriter<T> result)
    {
        var value = await task;
        var reserved = await WaitToPackAsync();
        try
        {
            result.Write(this, value);
        }
        finally
        {
            if (reserved > 0)
                Channel.Account.EndReserve(reserved);
        }

        await RunNextAsync();
    }

    /// <summary>Calls an event once its guard has decided, as the dispatch would have done.</summary>
    public async Task ContinueAsync(ValueTask<string?> check, IEventGuard guard, HandlerInvoker inner)
    {
        if (await check is { } refusal)
        {
            Fail(guard.ErrorName, refusal);
            return;
        }

        var reserved = await WaitToPackAsync();
        try
        {
            // One that was cancelled before its handler began is not begun.
            if (IsCancelled)
            {
                throw new OperationCanceledException();
            }

            Call(inner);
        }
        finally
        {
            if (reserved > 0)
                Channel.Account.EndReserve(reserved);
        }

        await RunNextAsync();
    }

    public bool HasId(ReadOnlySpan<byte> requestId) => requestId.SequenceEqual(_requestId);

    public void AddCredit(int credit) => Window?.Add(credit);

    /// <summary>What the handler returned is a stream.</summary>
    /// <exception cref="EventException">The session has as many streams as it may have.</exception>
    public void BeginStream()
    {
        Channel.Requests.BeganToStream();
        _streams = true;
        if (Entry.Guard is { } guard)
            _review = new StreamReview(this, guard);
        // First, so that a stop at the same moment is seen by one of the two.
        IsStream = true;
        Interlocked.MemoryBarrier();
        if (Channel.Requests.AreStreamsStopped)
            BreakOff();
        if (Channel.User != SessionUser)
            _ = OnUserChangedAsync();
    }

    /// <summary>Ends a request that was answered in its dispatch.</summary>
    public void End()
    {
        Channel.Requests.Remove(this);
        var disposing = DisposeServicesAsync();
        if (disposing.IsCompletedSuccessfully)
        {
            return;
        }

        // Until its services have been disposed, it counts as one that runs.
        BeginRunning();
        _work = EndRunningAsync(disposing);
    }

    public void ReplyBinary(ReadOnlySpan<byte> bytes)
    {
        var buffer = MessageBuffer.Rent();
        ReplyMessages.Binary(buffer, _requestId, EventId, bytes);
        Send(buffer);
        buffer.Return();
    }

    /// <summary>Sends the message in the buffer to the session, without waiting; the caller keeps the buffer.</summary>
    public Task SendItemAsync(MessageBuffer message) => Channel.SendAsync(message, _requestId, Encoding);

    /// <summary>Sends one of the last messages of a stream.</summary>
    public void SendEnd(MessageBuffer message) => Channel.Send(message, _requestId, Encoding);

    protected override void Send(MessageBuffer message)
    {
        if (!TryFinish())
            return;
        Channel.Send(message, _requestId, Encoding);
        Channel.Flush();
    }

    // A reply that the client does not read costs less unpacked.
    private async ValueTask<int> WaitToPackAsync()
    {
        while (true)
        {
            var size = Entry.LargestReply;
            if (Channel.IsFull)
                await Channel.WaitForRoomAsync(CancellationToken.None);
            else if (size == 0 || Channel.Account.TryReserve(size))
                return size;
            else
                await Channel.Account.WhenChanged(size);
        }
    }

    private async Task RunAsync<TState>(Func<Request, TState, Task> work, TState state)
    {
        try
        {
            await work(this, state);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
        finally
        {
            Channel.Requests.Remove(this);
            if (_review is { } review)
                await review.CloseAsync();
            await EndRunningAsync(DisposeServicesAsync());
        }
    }

    private void Call(HandlerInvoker inner)
    {
        var invocation = new Invocation(_data.Span, this);
        inner.Invoke(ref invocation);
    }

    private async Task RunNextAsync()
    {
        while (_next is { } next)
        {
            _next = null;
            await next();
        }
    }

    private void BeginRunning()
    {
        IsRunning = true;
        Channel.Requests.Began();
        Channel.Inbox.BeganToRun(_size);
        Entry.Generation?.Enter();
    }

    private ValueTask DisposeServicesAsync() => _services?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task EndRunningAsync(ValueTask disposing)
    {
        try
        {
            await disposing;
        }
        catch (Exception exception)
        {
            // The request has been answered; a service that fails to clean up is the log's.
            Dispatcher.Log.DisposeFailed(exception, Entry.Spec.Key, Channel.SessionId);
        }

        IsRunning = false;
        Entry.Generation?.Leave();
        Channel.Inbox.EndedToRun(_size);
        if (_streams)
            Channel.Requests.EndedToStream();
        Channel.Requests.Ended();
    }
}
