using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Ducts.Client;

/// <summary>Represents the reply of service discovery: the server's events and the URLs of a new session.</summary>
internal sealed class ServiceDiscovery
{
    // Longer than any process runs; what a server sends must fit into a time.
    private static readonly TimeSpan MaxExpiresIn = TimeSpan.FromDays(36500);

    // A timer cannot run for longer than 49 days.
    private static readonly TimeSpan MinSilence = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxSilence = TimeSpan.FromDays(1);

    private ServiceDiscovery(Uri socketUrl, Uri reconnectUrl, Dictionary<string, int> events, long maxMessageSize)
    {
        MaxMessageSize = maxMessageSize;
        SocketUrl = socketUrl;
        ReconnectUrl = reconnectUrl;
        Events = events;
    }

    public Uri SocketUrl { get; }

    public Uri ReconnectUrl { get; }

    public IReadOnlyDictionary<string, int> Events { get; }

    /// <summary>Gets the session's id, which hands the user of this discovery over to another session.</summary>
    public string Ticket => SocketUrl.AbsolutePath[(SocketUrl.AbsolutePath.LastIndexOf('/') + 1)..];

    /// <summary>Gets how long after <see cref="RequestedAt"/> the user's rights expire; null if they do not, or the session has no user.</summary>
    public TimeSpan? ExpiresIn { get; private init; }

    /// <summary>Gets when the server was asked, as a timestamp of the client's clock.</summary>
    public long RequestedAt { get; private init; }

    /// <summary>Gets the size in bytes of the largest message that the server takes; the largest number if it does not say.</summary>
    public long MaxMessageSize { get; }

    /// <summary>Gets the session's key, with which it is opened and continued; null if the server does not speak version 2 of the protocol.</summary>
    public string? SessionKey { get; private init; }

    /// <summary>Gets the number of bytes that the server has not confirmed from which on it is sent no more.</summary>
    public long InboxLimit { get; private init; } = long.MaxValue;

    /// <summary>Gets after how many bytes of the server the client confirms them.</summary>
    public long ReceiptBytes { get; private init; } = Exchange.DefaultReceiptBytes;

    /// <summary>Gets how long a server that answers ALIVE_MONITORING is never silent; null if it does not say.</summary>
    public TimeSpan? SilenceLimit { get; private init; }

    /// <summary>Refuses a message that the server would not take, before it is sent: the server would close the connection for it.</summary>
    /// <exception cref="ArgumentException">The message is too large.</exception>
    public void CheckSize(int size)
    {
        if (size > MaxMessageSize)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The message has {size} bytes, and the server takes at most {MaxMessageSize} (its option max_message_size)."));
        }
    }

    public static async Task<ServiceDiscovery> RequestAsync(HttpMessageInvoker http, Uri url, string? token, DuctsClientOptions options, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, WithQuery(url, options));
        foreach (var (name, value) in options.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        var requestedAt = options.TimeProvider.GetTimestamp();
        try
        {
            using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                var said = ServerAnswer.ReadError(body) is { } text ? $": {text}" : ".";
                throw new DuctsConnectionException(string.Create(CultureInfo.InvariantCulture, $"Service discovery at {ShownUrl.OfDiscovery(url)} answered {(int)response.StatusCode} {response.ReasonPhrase}{said}"))
                {
                    StatusCode = response.StatusCode,
                    RetryAfter = ServerAnswer.ReadRetryAfter(response.Headers.RetryAfter?.ToString(), options.TimeProvider),
                };
            }

            return Parse(body, url, requestedAt);
        }
        catch (HttpRequestException exception)
        {
            throw new DuctsConnectionException($"Service discovery at {ShownUrl.OfDiscovery(url)} cannot be reached: {exception.Message}", exception);
        }
    }

    internal static ServiceDiscovery Parse(ReadOnlyMemory<byte> json, Uri url, long requestedAt)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var events = new Dictionary<string, int>();
            foreach (var entry in root.GetProperty("EVENT").EnumerateObject())
                events[entry.Name] = entry.Value.GetInt32();
            // Servers of the original do not name their limit.
            var limit = root.TryGetProperty("max_message_size", out var size) ? size.GetInt64() : long.MaxValue;
            return new ServiceDiscovery(UrlOf(root, "websocket_url"), UrlOf(root, "websocket_url_reconnect"), events, limit)
            {
                ExpiresIn = root.TryGetProperty("auth_expires_in", out var expiry) && expiry.ValueKind == JsonValueKind.Number ? ReadSeconds(expiry) : null,
                RequestedAt = requestedAt,
                SessionKey = root.TryGetProperty("session_key", out var key) && key.ValueKind == JsonValueKind.String && key.GetString() is { Length: > 0 } text ? text : null,
                InboxLimit = root.TryGetProperty("inbox_limit", out var inbox) ? inbox.GetInt64() : long.MaxValue,
                ReceiptBytes = root.TryGetProperty("receipt_bytes", out var receipt) ? receipt.GetInt64() : Exchange.DefaultReceiptBytes,
                SilenceLimit = root.TryGetProperty("alive_monitoring_interval", out var interval) ? ReadSilence(interval) : null,
            };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Whatever the answer is, a page of a proxy perhaps, it is no discovery.
            throw new DuctsConnectionException($"{ShownUrl.OfDiscovery(url)} is not the service discovery of a Ducts server: {exception.Message}", exception);
        }
    }

    private static TimeSpan ReadSeconds(JsonElement element) =>
        TimeSpan.FromSeconds(Math.Clamp(element.GetDouble(), 0, MaxExpiresIn.TotalSeconds));

    // Silent for three times the interval, the server or the way to it is gone.
    private static TimeSpan? ReadSilence(JsonElement interval) =>
        interval.GetDouble() is > 0 and var seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds * 3, MinSilence.TotalSeconds, MaxSilence.TotalSeconds)) : null;

    private static Uri UrlOf(JsonElement root, string name)
        => Uri.TryCreate(root.GetProperty(name).GetString(), UriKind.Absolute, out var url) && url.Scheme is "ws" or "wss"
            ? url
            : throw new FormatException($"{name} is not an absolute URL that begins with ws:// or wss://.");

    private static Uri WithQuery(Uri url, DuctsClientOptions options)
    {
        var query = url.Query.TrimStart('?');
        if (!HasParameter(query, "uuid"))
            query = Append(query, "uuid", Guid.NewGuid().ToString());
        foreach (var (name, value) in options.Query)
            query = Append(query, name, value);
        return new UriBuilder(url) { Query = query }.Uri;
    }

    private static bool HasParameter(string query, string name)
        => Array.Exists(query.Split('&'), part => part.StartsWith(name + "=", StringComparison.Ordinal));

    private static string Append(string query, string name, string value)
        => $"{query}{(query.Length == 0 ? "" : "&")}{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}";
}
