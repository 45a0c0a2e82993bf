using System.Net;

namespace Ducts.Client;

/// <summary>Sends the request of one WebSocket handshake and keeps what the server says to a refusal, which <see cref="System.Net.WebSockets.ClientWebSocket"/> does not.</summary>
internal sealed class Handshake(HttpMessageInvoker http) : HttpMessageHandler
{
    // A server's own texts are far shorter. What is longer is a proxy's page.
    private const int MaxBody = 64 * 1024;

    private GatheringContent? _content;

    /// <summary>Gets the bytes of the WebSocket; null if there is none.</summary>
    public GatheringStream? Stream => _content?.Stream;

    /// <summary>Gets the server's text; null if there was no refusal or it has none.</summary>
    public string? Refusal { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            response.Content = _content = new GatheringContent(response.Content);
        }
        else if (ServerAnswer.IsNotAuthorized(response.StatusCode))
        {
            try
            {
                await response.Content.LoadIntoBufferAsync(MaxBody, cancellationToken).ConfigureAwait(false);
                Refusal = ServerAnswer.ReadError(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (HttpRequestException)
            {
                // The status says enough.
            }
        }

        return response;
    }
}
