using System.Net;
using System.Net.WebSockets;

namespace Ducts.Client;

/// <summary>Opens sockets.</summary>
internal sealed class SocketFactory(HttpMessageInvoker http, DuctsClientOptions options)
{
    /// <summary>Opens a socket, or says why not; a refusal means that the session does not live any more.</summary>
    public async Task<(ClientWebSocket? Socket, Exception? Error, bool IsRefused)> OpenAsync(Uri url, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = options.KeepAliveInterval;
        socket.Options.KeepAliveTimeout = options.KeepAliveTimeout;
        foreach (var (name, value) in options.Headers)
            socket.Options.SetRequestHeader(name, value);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            await socket.ConnectAsync(url, http, limit.Token).ConfigureAwait(false);
            return (socket, null, false);
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException or OperationCanceledException)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return (null, exception, status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError);
        }
    }
}
