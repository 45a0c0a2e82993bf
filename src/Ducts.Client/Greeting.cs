using System.Buffers;
using System.Net.WebSockets;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>Says HELLO on a new socket and takes the server's WELCOME: only then the session has it.</summary>
internal static class Greeting
{
    // Of the client's own making: the socket was lost before the server said anything.
    private const int NoAnswer = 1006;

    /// <summary>Returns the address with which a session of version 2 is opened and continued.</summary>
    public static Uri AddressOf(Uri url) => new UriBuilder(url) { Query = url.Query is { Length: > 1 } query ? query + "&v=2" : "v=2" }.Uri;

    /// <summary>Greets the server.</summary>
    /// <returns>What WELCOME means, or why there was none, with the code of the server's refusal.</returns>
    public static async Task<(WelcomeOutcome Outcome, DuctsConnectionException? Error)> GreetAsync(
        ClientWebSocket socket, Session session, DuctsClientOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            var hello = new ArrayBufferWriter<byte>();
            session.Exchange!.WriteHello(hello, session.Discovery.SessionKey!);
            await socket.SendAsync(hello.WrittenMemory, WebSocketMessageType.Binary, endOfMessage: true, limit.Token).ConfigureAwait(false);
            if (await MessageReader.ReadAsync(socket, options.MaxMessageSize, silence: null, limit.Token).ConfigureAwait(false) is not { } answer)
            {
                var end = await Connection.AnswerCloseAsync(socket, options.CloseTimeout, limit.Token).ConfigureAwait(false);
                return (default, (DuctsConnectionException)end.Reason!);
            }

            if (!Welcome.TryRead(answer, out var welcome))
            {
                return (default, new DuctsConnectionException("The server did not answer HELLO with WELCOME.") { CloseCode = NoAnswer });
            }

            var outcome = session.Exchange.Take(welcome);
            if (outcome != WelcomeOutcome.OutOfRange)
            {
                return (outcome, null);
            }

            await socket.CloseOutputAsync((WebSocketCloseStatus)CloseCode.OutOfStep, null, limit.Token).ConfigureAwait(false);
            return (default, new DuctsConnectionException("The server and the client do not agree on what has been received.") { CloseCode = CloseCode.OutOfStep });
        }
        catch (Exception exception) when (Connection.IsLoss(exception) || exception is InvalidDataException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (default, new DuctsConnectionException("The connection was lost before the server had answered HELLO.", exception) { CloseCode = NoAnswer });
        }
    }
}
