using System.Runtime.CompilerServices;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Client;

// Threading: every member may be used from any thread, also at the same time.

/// <summary>
/// Represents a session at a Ducts server: calls, streams and messages over one WebSocket, with automatic reconnect. Only the server ends a session: then
/// what it has not replied to fails, the client opens a new session, and <see cref="StateChanged"/> reports it.
/// </summary>
/// <remarks>
/// With a server that speaks version 2 of the protocol, which service discovery tells, nothing is lost with a connection for as long as the session lives: each
/// message arrives once and in order, in both directions, and no call fails because its connection was lost. With older servers, a message that is under way when
/// the connection is lost may or may not have arrived.
/// </remarks>
public sealed class DuctsClient : IAsyncDisposable, ISessionListener
{
    private readonly DuctsClientOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly EventHandlers _handlers;
    private readonly ReplyTable _replies;
    private readonly SessionLoop _loop;
    private readonly AliveMonitor _alive;
    private readonly RightsRefresh _refresh;
    private Task _running = Task.CompletedTask;
    private Task? _disposing;

    private DuctsClient(
        Session session, Reconnector reconnector, Outbox outbox, HttpMessageInvoker http, Func<CancellationToken, Task<ServiceDiscovery>> discover, DuctsClientOptions options)
    {
        _options = options;
        _http = http;
        _handlers = new EventHandlers((id, exception) => HandlerFaulted?.Invoke(this, new DuctsHandlerFaultedEventArgs(id, exception)));
        _replies = new ReplyTable(_handlers, options.MaxMessageSize);
        _handlers.SetEvents(session.Discovery.Events);
        _loop = new SessionLoop(session, reconnector, outbox, _replies, options, this);
        _alive = new AliveMonitor(options.TimeProvider);
        _refresh = new RightsRefresh(discover, AuthenticateAsync, NotAuthorized, options);
    }

    /// <summary>Occurs when the state has changed. The client's receive loop calls it, so a long-running callback delays the session.</summary>
    public event EventHandler<DuctsStateChangedEventArgs>? StateChanged;

    /// <summary>Occurs when a callback that was passed to <see cref="On"/> has thrown an exception.</summary>
    public event EventHandler<DuctsHandlerFaultedEventArgs>? HandlerFaulted;

    /// <summary>
    /// Occurs when the user's rights could not be renewed before they expired, and when the server refuses the user a new session after the old one has ended. The
    /// client does not close: until it is closed it goes on trying to open a new session, with a new token from <see cref="DuctsClientOptions.AccessTokenProvider"/>.
    /// </summary>
    public event EventHandler<DuctsAuthenticationFailedEventArgs>? AuthenticationFailed;

    /// <summary>Gets the state of the session.</summary>
    public DuctsClientState State => _loop.State;

    /// <summary>Gets the ids of the server's events by key.</summary>
    public IReadOnlyDictionary<string, int> Events => _loop.Discovery.Events;

    /// <summary>Gets the time by which the server's clock is ahead of this one; 0 until the server has replied to ALIVE_MONITORING.</summary>
    public TimeSpan TimeOffset => TimeSpan.FromSeconds(_alive.Offset);

    /// <summary>Gets the time that a message takes in one direction; 0 until the server has replied to ALIVE_MONITORING.</summary>
    public TimeSpan Latency => TimeSpan.FromSeconds(_alive.Latency);

    /// <summary>Requests a session from a server and opens its connection.</summary>
    /// <param name="wsdUrl">The URL of the server's service discovery, such as <c>http://localhost:8080/ducts/wsd</c>; the client adds the parameter <c>uuid</c>.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels connecting.</param>
    /// <returns>A client whose session is open.</returns>
    /// <exception cref="DuctsConnectionException">The server cannot be reached, rejects the request, or is not a Ducts server, or <see cref="DuctsClientOptions.AccessTokenProvider"/> failed.</exception>
    /// <exception cref="DuctsNotAuthorizedException">The server does not serve this user: it responded with status 401 or 403.</exception>
    public static async Task<DuctsClient> ConnectAsync(Uri wsdUrl, DuctsClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wsdUrl);
        options ??= new DuctsClientOptions();
        var handler = options.HttpHandler ?? new SocketsHttpHandler();
        var http = new HttpMessageInvoker(
            options.ConfigureRequest is { } configure ? new ConfiguredRequests(configure, handler) : handler,
            disposeHandler: options.HttpHandler is null);
        try
        {
            Func<CancellationToken, Task<ServiceDiscovery>> discover = token => DiscoverAsync(http, wsdUrl, options, token);
            var outbox = new Outbox();
            var reconnector = new Reconnector(new SocketFactory(http, options), discover, outbox.Wake, options);
            var opened = await reconnector.OpenAsync(cancellationToken).ConfigureAwait(false);
            var client = new DuctsClient(opened.Session, reconnector, outbox, http, discover, options);
            client._refresh.Begin(opened.Session.Discovery);
            client.MonitorIfWanted();
            client._running = client._loop.RunAsync(opened.Socket);
            return client;
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    /// <summary>Calls an event and waits for its reply.</summary>
    /// <param name="target">The event's key or id.</param>
    /// <param name="data">The event's arguments: a map by name, an array by position, a single value, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request, also at the server if it has the event CANCEL.</param>
    /// <returns>The reply.</returns>
    /// <exception cref="DuctsRemoteException">The server replied with an error.</exception>
    /// <exception cref="DuctsNotAuthorizedException">The user may not call the event; a <see cref="DuctsRemoteException"/>, too.</exception>
    /// <exception cref="DuctsConnectionException">
    /// The session is closed or over, so that the outcome of a request that was sent is unknown; the server refused the message; or, with a server of version 1, the
    /// connection was lost while the request was sent.
    /// </exception>
    /// <exception cref="KeyNotFoundException">The server has no such event.</exception>
    /// <exception cref="InvalidOperationException">The event replies with a stream; call <see cref="StreamAsync"/> instead.</exception>
    /// <exception cref="MessagePackWriteException">The data cannot be packed.</exception>
    /// <exception cref="ArgumentException">The message is larger than the server takes.</exception>
    public async Task<MessagePackElement> CallAsync(EventSelector target, object? data = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reply = new UnaryReply(target.Resolve(Events));
        var id = Send(target, reply, data);
        await using var registration = cancellationToken.Register(() => reply.Fail(new OperationCanceledException(cancellationToken))).ConfigureAwait(false);
        try
        {
            return await reply.Result.ConfigureAwait(false);
        }
        finally
        {
            // Still there: nobody waits any more, or nobody wants the stream that came instead of a reply.
            if (_replies.Remove(id))
                Cancel(reply);
        }
    }

    /// <summary>Calls an event, waits for its reply and converts it, with the errors of <see cref="CallAsync"/>.</summary>
    /// <typeparam name="T">The reply's type.</typeparam>
    /// <param name="target">The event's key or id.</param>
    /// <param name="data">The event's arguments: a map by name, an array by position, a single value, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request, also at the server if it has the event CANCEL.</param>
    /// <returns>The reply, converted to <typeparamref name="T"/>; null if it is null and the type allows it.</returns>
    /// <exception cref="FormatException">The reply cannot be converted to <typeparamref name="T"/>.</exception>
    public async Task<T?> CallAsync<T>(EventSelector target, object? data = null, CancellationToken cancellationToken = default)
    {
        var result = await CallAsync(target, data, cancellationToken).ConfigureAwait(false);
        return result.Deserialize<T>(_options.Serializer);
    }

    /// <summary>
    /// Calls an event and enumerates the items of its stream; a plain reply is a stream of one item. A stream of a single null cannot be distinguished from an
    /// empty one and counts as empty. Leaving the loop early cancels the request if the server has the event CANCEL.
    /// </summary>
    /// <param name="target">The event's key or id.</param>
    /// <param name="data">The event's arguments: a map by name, an array by position, a single value, or null for none.</param>
    /// <param name="cancellationToken">Cancels the enumeration and the request.</param>
    /// <returns>The items. The enumeration throws the exceptions that <see cref="CallAsync"/> lists.</returns>
    public async IAsyncEnumerable<MessagePackElement> StreamAsync(EventSelector target, object? data = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reply = new StreamReply(target.Resolve(Events), _options.StreamWindow, GiveBack);
        var id = Send(target, reply, data);
        try
        {
            await foreach (var item in reply.Items.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                reply.Read();
                yield return item;
            }
        }
        finally
        {
            reply.Abandon();
            if (_replies.Remove(id))
                Cancel(reply);
        }
    }

    /// <summary>Calls an event and enumerates the items of its stream as <see cref="StreamAsync"/> does, converted to a type.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="target">The event's key or id.</param>
    /// <param name="data">The event's arguments: a map by name, an array by position, a single value, or null for none.</param>
    /// <param name="cancellationToken">Cancels the enumeration and the request.</param>
    /// <returns>The items.</returns>
    /// <exception cref="FormatException">An item cannot be converted to <typeparamref name="T"/>.</exception>
    public async IAsyncEnumerable<T?> StreamAsync<T>(EventSelector target, object? data = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in StreamAsync(target, data, cancellationToken).ConfigureAwait(false))
            yield return item.Deserialize<T>(_options.Serializer);
    }

    /// <summary>
    /// Sends a request without waiting for its reply; the callbacks registered with <see cref="On"/> receive it. With a server of version 2 the message arrives for as
    /// long as the session lives, also when the connection is lost.
    /// </summary>
    /// <param name="target">The event's key or id.</param>
    /// <param name="data">The event's arguments: a map by name, an array by position, a single value, or null for none.</param>
    /// <param name="cancellationToken">Cancels the message if it still waits to be sent.</param>
    /// <returns>A task that completes when the message was handed to the connection.</returns>
    /// <exception cref="DuctsConnectionException">The session is closed, or the connection was lost while the message was sent.</exception>
    public async Task SendAsync(EventSelector target, object? data = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var session = _loop.Discovery;
        _loop.Post(new Outgoing(target, session, Pack(session, _replies.NextId(), target.Resolve(session.Events), data), null, sent));
        await using var registration = cancellationToken.UnsafeRegister(static (sent, token) => ((TaskCompletionSource)sent!).TrySetCanceled(token), sent).ConfigureAwait(false);
        await sent.Task.ConfigureAwait(false);
    }

    /// <summary>Registers a callback for the messages of an event that answer no call: pushes, and replies to <see cref="SendAsync"/>.</summary>
    /// <param name="target">The event's key or id.</param>
    /// <param name="handler">The callback. The client's receive loop calls it in order, so a long-running callback delays the session.</param>
    /// <returns>An object that removes the callback when it is disposed.</returns>
    public IDisposable On(EventSelector target, Action<MessagePackElement> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return _handlers.Add(target, handler);
    }

    /// <summary>
    /// Closes the session: sends the pending messages, tells the server that the session ends, and waits for its answer, for as long as
    /// <see cref="DuctsClientOptions.CloseTimeout"/> at most. A server of version 2 then drops the requests that it has not begun and cancels those that run; if there is
    /// no connection, the client tries to get one back to tell it.
    /// </summary>
    /// <param name="cancellationToken">Aborts the connection without further wait.</param>
    /// <returns>A task that completes when the session is closed. Pending calls fail with <see cref="DuctsConnectionException"/>.</returns>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _refresh.Stop();
        _loop.Close();
        try
        {
            await _running.WaitAsync(_options.CloseTimeout, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The server does not answer, or nobody wants to wait for it.
            _loop.Abort();
            await _running.ConfigureAwait(false);
        }
    }

    /// <summary>Closes the session as <see cref="CloseAsync"/> does, unless it is closed, and frees its resources.</summary>
    /// <returns>A task that completes when all resources are freed.</returns>
    public async ValueTask DisposeAsync()
    {
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _disposing, disposed.Task, null) is { } disposing)
        {
            await disposing.ConfigureAwait(false);
            return;
        }

        try
        {
            await CloseAsync().ConfigureAwait(false);
            await _refresh.DisposeAsync().ConfigureAwait(false);
            _loop.Dispose();
            _http.Dispose();
        }
        finally
        {
            disposed.TrySetResult();
        }
    }

    bool ISessionListener.IsMonitored => _alive.IsAsked;

    void ISessionListener.OnChanged(DuctsClientState state, Exception? reason, bool isNewSession)
    {
        // What is sent while there is no connection would wait, and might then expire.
        if (state != DuctsClientState.Open)
        {
            _refresh.Stop();
        }
        else if (!isNewSession)
        {
            _refresh.Resume();
        }

        StateChanged?.Invoke(this, new DuctsStateChangedEventArgs(state, reason) { IsNewSession = isNewSession });
    }

    void ISessionListener.OnSessionBegan()
    {
        _handlers.SetEvents(Events);
        MonitorIfWanted();
        _refresh.Begin(_loop.Discovery);
    }

    void ISessionListener.OnNotAuthorized(DuctsNotAuthorizedException exception) => NotAuthorized(exception);

    private static async Task<ServiceDiscovery> DiscoverAsync(HttpMessageInvoker http, Uri url, DuctsClientOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        var asked = "AccessTokenProvider";
        try
        {
            var token = await AccessToken.GetAsync(options, limit.Token).ConfigureAwait(false);
            asked = $"Service discovery at {ShownUrl.OfDiscovery(url)}";
            return await ServiceDiscovery.RequestAsync(http, url, token, options, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DuctsConnectionException($"{asked} did not answer within {options.ConnectTimeout}.", exception);
        }
    }

    private Task<MessagePackElement> AuthenticateAsync(string ticket, CancellationToken cancellationToken) =>
        CallAsync(ProtocolEvents.Authenticate, new Dictionary<string, object?> { ["ticket"] = ticket }, cancellationToken);

    private void NotAuthorized(DuctsNotAuthorizedException exception) =>
        AuthenticationFailed?.Invoke(this, new DuctsAuthenticationFailedEventArgs(exception));

    private void MonitorIfWanted()
    {
        if (!_options.AliveMonitoring || !Events.Values.Contains(ProtocolEvents.AliveMonitoring))
            return;
        _alive.Sent();
        Send(ProtocolEvents.AliveMonitoring, new AliveReply(_alive), null, isBound: true);
    }

    private long Send(EventSelector target, Reply reply, object? data, bool isBound = false)
    {
        var session = _loop.Discovery;
        var id = _replies.Add(reply);
        try
        {
            _loop.Post(new Outgoing(target, session, Pack(session, id, reply.EventId, data), reply, null) { IsBound = isBound });
            return id;
        }
        catch
        {
            // The data cannot be packed, or a property of it threw: nothing was sent.
            _replies.Remove(id);
            throw;
        }
    }

    private void Cancel(Reply request)
    {
        var session = _loop.Discovery;
        if (session.Events.TryGetValue(ProtocolEvents.CancelKey, out var cancel))
        {
            _loop.Post(new Outgoing(cancel, session, Pack(session, _replies.NextId(), cancel, request.Id), null, null)
            {
                IsBound = true,
                IsUrgent = true,
                Subject = request,
            });
        }
    }

    private void GiveBack(StreamReply stream, int credit)
    {
        // A stream that has ended needs none.
        if (_replies.Contains(stream))
        {
            _loop.Post(new Outgoing(ProtocolEvents.Credit, _loop.Discovery, stream.PackCredit(credit), null, null)
            {
                IsBound = true,
                IsUrgent = true,
                Subject = stream,
            });
        }
    }

    private ArraySegment<byte> Pack(ServiceDiscovery session, long id, int eventId, object? data)
    {
        var output = PackBuffer.Rent();
        try
        {
            RequestMessage.Write(output, id, eventId, data, _options.Serializer.GetConverter<object?>());
            session.CheckSize(output.Length);
        }
        catch
        {
            output.Clear();
            throw;
        }

        return output.ToPooled();
    }
}
