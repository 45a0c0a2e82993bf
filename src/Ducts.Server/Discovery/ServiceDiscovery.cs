using System.Net;
using System.Text.Json;
using Ducts.Configuration;
using Ducts.Connections;
using Ducts.Sessions;
using Ducts.WebApis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Discovery;

/// <summary>Opens a session for a client and tells it where everything is.</summary>
internal sealed class ServiceDiscovery
{
    // A stream goes on while its client confirms part of what may be unconfirmed; more often than this costs more than it saves.
    private const int ReceiptsPerOutbox = 4;
    private const int MaxReceiptBytes = 256 * 1024;

    private readonly SessionIssuer _issue;
    private readonly EventDocuments _events;
    private readonly DiscoveryValues _values;
    private readonly TimeProvider _time;
    private readonly int _maxMessageSize;
    private readonly int _inboxLimit;
    private readonly int _receiptBytes;
    private readonly double _aliveInterval;
    private readonly (string Name, DiscoveryTemplate Template)[] _fields;

    public ServiceDiscovery(IOptions<DuctsOptions> options, DuctsPaths paths, SessionIssuer issue, EventDocuments events, TimeProvider time)
    {
        _time = time;
        _issue = issue;
        _events = events;
        _values = new DiscoveryValues(options.Value.Server, paths);
        _maxMessageSize = options.Value.WebSocketServer.MaxMessageSize;
        _inboxLimit = options.Value.WebSocketServer.InboxLimit;
        _receiptBytes = Math.Clamp(options.Value.WebSocketServer.OutboxLimit / ReceiptsPerOutbox, 1, MaxReceiptBytes);
        _aliveInterval = options.Value.Event.AliveMonitoringInterval.TotalSeconds;
        var problems = new List<string>();
        _fields = [.. Parse(options.Value.WebServiceDiscovery, problems)];
        if (problems.Count > 0)
            throw new OptionsValidationException(nameof(DuctsOptions), typeof(DuctsOptions), problems);
    }

    /// <summary>Opens a session and writes the answer.</summary>
    /// <param name="context">The request; its query is kept with the session.</param>
    /// <param name="user">The session's user.</param>
    /// <param name="forScript">Whether the answer must be safe inside a script.</param>
    /// <exception cref="Redis.RedisClientException">Redis is out of reach, or does not take writes.</exception>
    public async ValueTask<byte[]> OpenAsync(HttpContext context, SessionUser user, bool forScript)
    {
        var connection = context.Connection;
        var issued = await _issue(
            new SessionOpening
            {
                Address = Unmapped(connection.RemoteIpAddress),
                Port = connection.RemotePort,
                UserAgent = DiscoveryLimits.UserAgentOf(context.Request),
                Query = [.. from entry in context.Request.Query from value in entry.Value select KeyValuePair.Create(entry.Key, value ?? "")],
                User = user,
                IsForScript = forScript,
            },
            context.RequestAborted);
        var events = await _events.ForAsync(context, user);
        var state = (Discovery: this, Request: context.Request, Issued: issued, User: user, EventIds: events.Ids);
        return forScript ? HttpAnswer.ToScriptJson(state, Write) : HttpAnswer.ToJson(state, Write);

        static void Write(Utf8JsonWriter json, (ServiceDiscovery Discovery, HttpRequest Request, IssuedTicket Issued, SessionUser User, byte[] EventIds) state)
        {
            json.WriteStartObject();
            foreach (var (name, template) in state.Discovery._fields)
                json.WriteString(name, template.Fill(state, static (state, name) => state.Discovery.ValueOf(name, state.Request, state.Issued.Id)));
            json.WritePropertyName("EVENT");
            json.WriteRawValue(state.EventIds, skipInputValidation: true);
            // Behind what clients have always been given: those of the field do not look at it.
            json.WriteNumber("max_message_size", state.Discovery._maxMessageSize);
            json.WriteString("session_key", state.Issued.Key);
            json.WriteNumber("inbox_limit", state.Discovery._inboxLimit);
            json.WriteNumber("receipt_bytes", state.Discovery._receiptBytes);
            json.WriteNumber("alive_monitoring_interval", state.Discovery._aliveInterval);
            state.Discovery.WriteUser(json, state.User);
            json.WriteEndObject();
        }
    }

    // By the time that is left: the client's clock may be another.
    private void WriteUser(Utf8JsonWriter json, SessionUser user)
    {
        if (!user.IsAuthenticated)
            return;
        json.WriteString("user", user.Key?.Subject ?? "");
        if (user.ExpiresAt is { } expiresAt)
            json.WriteNumber("auth_expires_in", Math.Round(Math.Max(0, (expiresAt - _time.GetUtcNow()).TotalSeconds), 3));
    }

    private static IPAddress? Unmapped(IPAddress? address) =>
        address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    private static IEnumerable<(string Name, DiscoveryTemplate Template)> Parse(DuctsDiscoveryOptions options, List<string> problems)
    {
        // In the order in which clients have always seen them.
        (string Name, string Text)[] fields =
        [
            ("websocket_host", options.WebsocketHost),
            ("websocket_url", options.WebsocketUrl),
            ("websocket_url_reconnect", options.WebsocketUrlReconnect),
            ("api_host", options.ApiHost),
            ("api_url_root", options.ApiUrlRoot),
            ("api_url_event", options.ApiUrlEvent),
        ];
        foreach (var (name, text) in fields)
        {
            if (DiscoveryTemplate.TryParse(text, out var template, out var problem))
                yield return (name, template);
            else
                problems.Add($"[web_service_discovery] {name}: {problem}");
        }
    }

    private static string HostOf(HttpRequest request)
    {
        if (request.Host.HasValue && HostNames.ToAscii(request.Host) is { } host)
            return host;
        // HTTP/1.0 knows no Host; the address the client has reached is one it can reach again.
        var connection = request.HttpContext.Connection;
        return connection.LocalIpAddress is { } address ? new IPEndPoint(address, connection.LocalPort).ToString() : "localhost";
    }

    private string ValueOf(string name, HttpRequest request, string sessionId) => name switch
    {
        "session_id" => sessionId,
        "ws_host" or "api_host" => HostOf(request),
        "ws_scheme" => request.IsHttps ? "wss" : "ws",
        "api_scheme" => request.Scheme,
        // A hosted application may live below a path of its own.
        "root_path_websocket" or "root_path_api" or "root_path_ducts" or "root_path_static" or "root_path_libs" => request.PathBase + _values[name],
        _ => _values[name],
    };
}
