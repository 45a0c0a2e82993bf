using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Ducts.Protocol;

namespace Ducts.Client;

/// <summary>Says what the status of a refusal means for a session.</summary>
internal static class ServerAnswer
{
    /// <summary>Longer than this no answer makes the client wait.</summary>
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>Returns whether the server, or a proxy before it, cannot serve now and may later.</summary>
    public static bool IsTemporary(HttpStatusCode? status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    /// <summary>Returns whether a session that could not be opened may be opened later.</summary>
    public static bool IsTemporary(DuctsConnectionException error) => error.CloseCode is { } code
        ? CloseRules.Of(code, isResumable: true) != AfterClose.Close
        : IsTemporary(error.StatusCode);

    /// <summary>Returns whether the server does not know the session any more. Every other refusal may be a proxy's.</summary>
    public static bool EndsSession(HttpStatusCode? status) => status is HttpStatusCode.Forbidden or HttpStatusCode.Gone;

    /// <summary>Returns whether the server does not serve this user.</summary>
    public static bool IsNotAuthorized(HttpStatusCode? status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>Returns whether the server does not serve this user: by its status, or in version 2 by a close code.</summary>
    public static bool IsNotAuthorized(DuctsConnectionException error) =>
        error.CloseCode is CloseCode.PolicyViolation or CloseCode.RightsExpired || IsNotAuthorized(error.StatusCode);

    /// <summary>Returns the text of an error's body, <c>{"error": "…"}</c>, or the detail of a problem document; null if it has another form, as a proxy's page does.</summary>
    public static string? ReadError(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            foreach (var name in (ReadOnlySpan<string>)["detail", "error"])
            {
                if (document.RootElement.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
                {
                    return text.GetString();
                }
            }
        }
        catch (JsonException)
        {
            // Not of this server.
        }

        return null;
    }

    /// <summary>Returns the time that a Retry-After header names, in seconds or as a date; zero if there is none.</summary>
    public static TimeSpan ReadRetryAfter(string? header, TimeProvider time)
    {
        if (!RetryConditionHeaderValue.TryParse(header, out var value))
        {
            return TimeSpan.Zero;
        }

        var delay = value.Delta ?? (value.Date - time.GetUtcNow()) ?? TimeSpan.Zero;
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay > MaxRetryAfter ? MaxRetryAfter : delay;
    }
}
