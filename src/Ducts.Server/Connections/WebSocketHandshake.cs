using System.Security.Cryptography;
using System.Text;
using Ducts.Connections.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ducts.Connections;

/// <summary>The opening handshake: RFC 6455 section 4.2 over HTTP/1.1, RFC 8441 over HTTP/2.</summary>
internal static class WebSocketHandshake
{
    private const string Version = "13";
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const int KeyBytes = 16;

    /// <summary>Says what is wrong with a request for a WebSocket.</summary>
    /// <returns>The status to answer with and the reason, or null.</returns>
    public static (int Status, string Reason)? Check(HttpContext context)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            return connect.Protocol == "websocket"
                ? CheckVersion(context)
                : (StatusCodes.Status501NotImplemented, $"The protocol {connect.Protocol} is not spoken here.");
        }

        if (IsGivenMessages(context))
            return null;

        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
            || !HasToken(context.Request.Headers.Upgrade.ToString(), "websocket"))
        {
            context.Response.Headers.Upgrade = "websocket";
            return (StatusCodes.Status426UpgradeRequired, "This address is for WebSockets.");
        }

        Span<byte> key = stackalloc byte[KeyBytes + 2];
        if (!Convert.TryFromBase64String(context.Request.Headers.SecWebSocketKey.ToString(), key, out var length) || length != KeyBytes)
            return (StatusCodes.Status400BadRequest, "Sec-WebSocket-Key is not the base64 of 16 bytes.");
        return CheckVersion(context);
    }

    /// <summary>Answers the request and takes its socket over, or its stream where the socket cannot be had.</summary>
    public static async Task<WebSocketTransport> AcceptAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
            return WebSocketTransport.Over(await connect.AcceptAsync(), context.Abort);
        if (IsGivenMessages(context))
            return WebSocketTransport.Over(await context.Features.GetRequiredFeature<IHttpWebSocketFeature>().AcceptAsync(new WebSocketAcceptContext()));

        var headers = context.Response.Headers;
        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = AcceptFor(context.Request.Headers.SecWebSocketKey.ToString());
        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        return context.Features.Get<ISocketHandover>() is { } handover && await handover.TakeAsync() is { } socket
            ? WebSocketTransport.Over(socket)
            : WebSocketTransport.Over(stream, context.Abort);
    }

    // ASP.NET Core's test server has no bytes to give, but accepts WebSockets itself.
    private static bool IsGivenMessages(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
        && context.Features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true };

#pragma warning disable CA5350 // RFC 6455 has SHA-1 here, as a check of the protocol, not of a secret.
    private static string AcceptFor(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key.Trim() + AcceptSuffix)));
#pragma warning restore CA5350

    private static (int Status, string Reason)? CheckVersion(HttpContext context)
    {
        if (context.Request.Headers.SecWebSocketVersion == Version)
            return null;
        context.Response.Headers.SecWebSocketVersion = Version;
        return (StatusCodes.Status426UpgradeRequired, $"WebSockets of version {Version} are spoken here.");
    }

    private static bool HasToken(string header, string token)
    {
        foreach (var part in header.AsSpan().Split(','))
        {
            if (header.AsSpan()[part].Trim().Equals(token, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
