using System.Collections.Concurrent;
using System.Net;
using Ducts.Redis;
using Ducts.Telemetry.Logging;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Ducts.Cluster;

/// <summary>Has another node serve a WebSocket that came here: the handshake, then the bytes in both directions, to its end.</summary>
internal sealed class NodeForwarder : IDisposable
{
    private const string NodeHeader = "X-Ducts-Node";

    // The path is in the logs of whoever forwards, so the id is not in it.
    private const string SessionHeader = "X-Ducts-Session";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(3);

    // Until a node is marked, each of its clients comes again every second.
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(5);

    private readonly IHttpForwarder _forwarder;
    private readonly NodeLease _own;
    private readonly NodeWatch _watch;
    private readonly NodeSecret _secret;
    private readonly TimeProvider _time;
    private readonly ClusterLog _log;
    private readonly ConcurrentDictionary<string, LogInterval> _told = new(StringComparer.Ordinal);
    private readonly ForwarderRequestConfig _config;
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = ConnectTimeout,
        ActivityHeadersPropagator = null,
    });

    public NodeForwarder(IOptions<DuctsOptions> options, IHttpForwarder forwarder, NodeLease own, NodeWatch watch, NodeSecret secret, TimeProvider time, ClusterLog log)
    {
        (_forwarder, _own, _watch, _secret, _time, _log) = (forwarder, own, watch, secret, time, log);
        _config = new ForwarderRequestConfig
        {
            // A session that says nothing is pinged, which is activity.
            ActivityTimeout = 4 * options.Value.WebSocketServer.IdlePingInterval,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>Returns the id of the session that another node has sent along; null where no node has sent this handshake here.</summary>
    public string? ForwardedIdOf(HttpContext context)
    {
        var headers = context.Request.Headers;
        return headers[NodeHeader] is [{ } signature] && headers[SessionHeader] is [{ } id] && _secret.IsSigned(_own.Id, id, signature) ? id : null;
    }

    /// <summary>Has a node serve a handshake.</summary>
    /// <returns>False when it cannot be reached, or does not have the session; nothing has been answered then.</returns>
    public async ValueTask<bool> TryForwardAsync(HttpContext context, string sessionId, string node)
    {
        string address;
        try
        {
            address = (await _watch.FindAsync(node, context.RequestAborted)).Address;
        }
        catch (RedisClientException)
        {
            return false;
        }

        if (address.Length == 0)
            return false;
        // Its mark cuts what goes through it.
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _watch.WhenDead(node));
        cut.CancelAfter(HandshakeTimeout);
        var transformer = new Transformer(sessionId, _secret.Sign(node, sessionId), cut);
        var error = await _forwarder.SendAsync(context, $"http://{address}", _invoker, _config, transformer, cut.Token);
        if (transformer.HasAnswered || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return true;
        context.Response.Clear();
        if (error != ForwarderError.None && IsToTell(node))
            _log.ForwardFailed(node, address, context.GetForwarderErrorFeature()?.Exception?.Message ?? error.ToString());
        return false;
    }

    public void Dispose() => _invoker.Dispose();

    private bool IsToTell(string node) => _told.GetOrAdd(node, static (_, time) => new LogInterval(time, LogPeriod), _time).TryPass();

    private sealed class Transformer(string sessionId, string signature, CancellationTokenSource cut) : HttpTransformer
    {
        /// <summary>Gets whether the node has answered for itself.</summary>
        public bool HasAnswered { get; private set; }

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            var request = httpContext.Request;
            proxyRequest.RequestUri = new Uri($"{destinationPrefix}{request.PathBase}{request.Path}{request.QueryString}");
            // Pages are told apart by the host that they were loaded from.
            proxyRequest.Headers.Host = request.Host.Value;
            foreach (var name in request.Headers.Keys.Where(static name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)))
                proxyRequest.Headers.Remove(name);
            proxyRequest.Headers.Remove("Forwarded");
            proxyRequest.Headers.Remove(NodeHeader);
            proxyRequest.Headers.Remove(SessionHeader);
            proxyRequest.Headers.Add(NodeHeader, signature);
            proxyRequest.Headers.Add(SessionHeader, sessionId);
            if (httpContext.Connection.RemoteIpAddress is { } client)
                proxyRequest.Headers.Add("X-Forwarded-For", client.ToString());
            proxyRequest.Headers.Add("X-Forwarded-Proto", request.Scheme);
        }

        public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            if (proxyResponse is null || proxyResponse.StatusCode == HttpStatusCode.MisdirectedRequest)
                return false;
            HasAnswered = true;
            cut.CancelAfter(Timeout.InfiniteTimeSpan);
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }
    }
}
