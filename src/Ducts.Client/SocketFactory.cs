using System.Net;
using System.Net.WebSockets;

namespace Ducts.Client;

/// <summary>Opens sockets.</summary>
internal sealed class SocketFactory(HttpMessageInvoker http, DuctsClientOptions options)
{
    /// <summary>Opens a socket, or says why not, with the status of the refusal if there was one.</summary>
    public async Task<(OpenSocket? Socket, DuctsConnectionException? Error)> OpenAsync(Uri url, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = options.KeepAliveInterval;
        socket.Options.KeepAliveTimeout = options.KeepAliveTimeout;
        foreach (var (name, value) in options.Headers)
            socket.Options.SetRequestHeader(name, value);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        using var handshake = new Handshake(http);
        using var invoker = new HttpMessageInvoker(handshake);
        try
        {
            await socket.ConnectAsync(url, invoker, limit.Token).ConfigureAwait(false);
            return (new OpenSocket(socket, handshake.Stream!), null);
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException or OperationCanceledException)
        {
            var status = socket.HttpStatusCode;
            var retryAfter = socket.HttpResponseHeaders is { } headers && headers.TryGetValue("Retry-After", out var values) ? values.FirstOrDefault() : null;
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();

            var error = new DuctsConnectionException($"The WebSocket at {ShownUrl.OfSocket(url)} cannot be opened: {handshake.Refusal ?? exception.Message}", exception)
            {
                StatusCode = status == 0 ? null : status,
                RetryAfter = ServerAnswer.ReadRetryAfter(retryAfter, options.TimeProvider),
            };
            return (null, error);
        }
    }
}
