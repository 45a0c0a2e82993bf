using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Ducts.WebApis;

/// <summary>A compression that content is served in.</summary>
/// <param name="Name">Its name in Accept-Encoding and Content-Encoding.</param>
/// <param name="Extension">What the name of a precompressed file ends in.</param>
internal sealed record ContentCoding(string Name, string Extension)
{
    public static readonly ContentCoding Brotli = new("br", ".br");

    public static readonly ContentCoding Gzip = new("gzip", ".gz");

    // Tools that keep the time of the file that they compress round it.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(2);

    /// <summary>Gets the codings, the smallest first.</summary>
    public static IReadOnlyList<ContentCoding> All { get; } = [Brotli, Gzip];

    /// <summary>Returns the smallest coding that the client accepts, or null.</summary>
    public static ContentCoding? Choose(HttpRequest request) => All.FirstOrDefault(coding => coding.IsAccepted(request));

    /// <summary>Returns whether the client accepts the coding; without a word on it, <c>*</c> decides.</summary>
    public bool IsAccepted(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted))
        {
            return false;
        }

        var entry = accepted.FirstOrDefault(entry => entry.Value.Equals(Name, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(static entry => entry.Value == "*");
        return entry is not null && entry.Quality is not 0;
    }

    /// <summary>
    /// Returns whether a compressed file written at one time has what the file itself, written at another, has. The time of
    /// a file that does not exist is long ago.
    /// </summary>
    public static bool IsCurrent(DateTimeOffset compressed, DateTimeOffset file) => compressed + Rounding >= file;
}
