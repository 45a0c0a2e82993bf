using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Ducts.Redis.Connections;

/// <summary>
/// Opens the connections of one multiplexer: the Sentinels' master where there are Sentinels, TLS, a time limit. Knows
/// each connection, so that it can end one on which Redis has fallen silent, or that leads to the wrong server.
/// </summary>
// Threading: the gate guards the list.
internal sealed class RedisTransport : Tunnel
{
    private readonly Lock _gate = new();
    private readonly List<WatchedStream> _streams = [];
    private readonly RedisTarget _target;
    private readonly RedisClientOptions _options;
    private readonly bool _isForOneConnection;
    private readonly bool _isForSentinel;
    private int _isSpent;
    private bool _isClosed;
    private string? _signInError;
    private WatchedStream? _single;

    /// <param name="target">Where to connect.</param>
    /// <param name="options">The limits.</param>
    /// <param name="isForOneConnection">Whether a connection that was lost is not to be regained.</param>
    /// <param name="isForSentinel">Whether the connection leads to a Sentinel itself.</param>
    public RedisTransport(RedisTarget target, RedisClientOptions options, bool isForOneConnection = false, bool isForSentinel = false)
    {
        _target = target;
        _options = options;
        _isForOneConnection = isForOneConnection;
        _isForSentinel = isForSentinel;
    }

    /// <summary>Called with its node when a subscribing connection was opened, before anything is sent over it.</summary>
    public Action<EndPoint>? SubscriptionOpened { get; init; }

    /// <summary>Called when a subscribing connection has ended.</summary>
    public Action? SubscriptionLost { get; init; }

    /// <summary>Raised when a connection on which signing in had been completed has ended.</summary>
    public Action<WatchedStream>? Lost { get; init; }

    /// <summary>Gets Redis' text where it last refused the user or the password; null if it never did.</summary>
    public string? SignInError
    {
        get
        {
            lock (_gate)
            {
                return _signInError ?? _streams.Find(static stream => stream.SignInError is not null)?.SignInError;
            }
        }
    }

    /// <summary>Gets where commands are sent to; null before the first connection.</summary>
    public string? LastEndpoint { get; private set; }

    /// <summary>Gets the connection for commands that was opened last; null if it is lost.</summary>
    public WatchedStream? Single => Volatile.Read(ref _single);

    /// <summary>Gets why the client itself ended a connection last; null if it never did.</summary>
    public string? AbortReason { get; private set; }

    public static string Describe(EndPoint endPoint) => endPoint switch
    {
        UnixDomainSocketEndPoint => endPoint.ToString()!,
        IPEndPoint address => address.ToString(),
        DnsEndPoint host => string.Create(CultureInfo.InvariantCulture, $"{host.Host}:{host.Port}"),
        _ => endPoint.ToString() ?? string.Empty,
    };

    /// <summary>Opens a socket to an endpoint.</summary>
    public static async Task<Socket> OpenSocketAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (endPoint is not UnixDomainSocketEndPoint)
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            }

            await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Notes that signing in has been completed on the connections that stand.</summary>
    public void MarkEstablished(EndPoint? node, ConnectionType type)
    {
        lock (_gate)
        {
            foreach (var stream in _streams)
            {
                stream.IsEstablished |= stream.IsSubscription == (type == ConnectionType.Subscription) && Equals(stream.Node, node);
            }
        }
    }

    /// <summary>Ends connections on which Redis has owed an answer for too long.</summary>
    /// <param name="hasExpired">Whether the time of a command is up, which was written a moment after it had begun to run.</param>
    public void Sweep(bool hasExpired = false)
    {
        foreach (var stream in Snapshot())
        {
            var limit = stream.IsEstablished ? _options.CommandTimeout : _options.ConnectTimeout;
            if (stream.SilentFor() >= (hasExpired ? limit * 0.9 : limit))
            {
                stream.Abort(string.Create(CultureInfo.InvariantCulture, $"Redis at {stream.Endpoint} did not answer within {limit.TotalSeconds:0.###} s."));
            }
        }
    }

    /// <summary>Ends all connections, so that they are opened anew.</summary>
    public void AbortAll(string reason)
    {
        foreach (var stream in Snapshot())
        {
            stream.Abort(reason);
        }
    }

    /// <summary>Ends all connections, and opens no more.</summary>
    public void Close(string reason)
    {
        Volatile.Write(ref _isClosed, true);
        AbortAll(reason);
    }

    /// <inheritdoc/>
    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) => new((EndPoint?)null);

    /// <inheritdoc/>
    public override async ValueTask<Stream?> BeforeAuthenticateAsync(EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        if (_isForOneConnection && Interlocked.Exchange(ref _isSpent, 1) != 0)
        {
            throw new IOException("A dedicated connection is not regained.");
        }

        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isClosed), this);
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var node = endpoint;
        var name = Describe(endpoint);
        try
        {
            if (_target.SentinelName is not null && !_isForSentinel)
            {
                endpoint = await SentinelLookup.FindMasterAsync(_target, _options, linked.Token);
                name = Describe(endpoint);
            }

            var stream = new WatchedStream(
                await OpenStreamAsync(endpoint, linked.Token), node, name, connectionType == ConnectionType.Subscription, _options.TimeProvider, Forget);
            Remember(stream, connectionType);
            return stream;
        }
        catch (Exception exception) when (exception is not RedisClientException)
        {
            // The library gives up after the same time, and may be the first.
            throw timeout.IsCancellationRequested || exception is OperationCanceledException
                ? new RedisUnavailableException(string.Create(CultureInfo.InvariantCulture, $"Redis at {name} did not answer within {_options.ConnectTimeout.TotalSeconds:0.###} s."), exception)
                : new RedisUnavailableException($"Redis at {name} cannot be reached: {FailureReader.Innermost(exception).Message}", exception);
        }
    }

    private async Task<Stream> OpenStreamAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var stream = new NetworkStream(await OpenSocketAsync(endPoint, cancellationToken), ownsSocket: true);
        if (_target.Tls is null)
        {
            return stream;
        }

        var encrypted = new SslStream(stream);
        try
        {
            await encrypted.AuthenticateAsClientAsync(_target.Tls(HostOf(endPoint)), cancellationToken);
            return encrypted;
        }
        catch
        {
            await encrypted.DisposeAsync();
            throw;
        }
    }

    private static string HostOf(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint host => host.Host,
        IPEndPoint address => address.Address.ToString(),
        _ => "localhost",
    };

    private void Remember(WatchedStream stream, ConnectionType type)
    {
        lock (_gate)
        {
            _streams.Add(stream);
        }

        if (type == ConnectionType.Subscription)
        {
            SubscriptionOpened?.Invoke(stream.Node);
        }
        else
        {
            Volatile.Write(ref _single, stream);
            LastEndpoint = stream.Endpoint;
        }
    }

    private void Forget(WatchedStream stream)
    {
        lock (_gate)
        {
            _streams.Remove(stream);
            _signInError = stream.SignInError ?? _signInError;
        }

        AbortReason = stream.AbortReason ?? AbortReason;
        Interlocked.CompareExchange(ref _single, null, stream);

        if (stream.IsSubscription)
        {
            SubscriptionLost?.Invoke();
        }

        if (stream.IsEstablished)
        {
            Lost?.Invoke(stream);
        }
    }

    private WatchedStream[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _streams];
        }
    }
}
