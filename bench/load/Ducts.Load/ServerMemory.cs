using System.Globalization;
using System.Net.Http.Json;

namespace Ducts.Load;

/// <summary>The most that a server's memory was, in bytes, as the server itself sees it.</summary>
/// <param name="Charged">What its sessions take, as <c>memory_limit</c> counts it.</param>
/// <param name="Committed">What the runtime's heap has of the system.</param>
/// <param name="Live">What was in use after a collection.</param>
/// <param name="Fragmented">What lay free between that.</param>
/// <param name="Allocated">What is in use or has not been collected yet.</param>
internal sealed record ServerMemory(long Charged, long Committed, long Live, long Fragmented, long Allocated)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>Asks a server of Ducts; null where it does not answer in time.</summary>
    /// <param name="port">The server's.</param>
    /// <param name="collects">Whether it is to collect all garbage first.</param>
    public static async Task<ServerMemory?> ReadAsync(int port, bool collects = false)
    {
        try
        {
            return await Http.GetFromJsonAsync<ServerMemory>(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/ducts/api/v1/memory/{(collects ? "collected" : "now")}"));
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Returns the more of each.</summary>
    public ServerMemory Max(ServerMemory? other) => other is null
        ? this
        : new(
            Math.Max(Charged, other.Charged),
            Math.Max(Committed, other.Committed),
            Math.Max(Live, other.Live),
            Math.Max(Fragmented, other.Fragmented),
            Math.Max(Allocated, other.Allocated));
}
