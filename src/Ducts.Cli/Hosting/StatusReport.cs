using System.Text.Json.Serialization;

namespace Ducts.Cli.Hosting;

/// <summary>Represents the status that a running server or module reports over its status socket.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Version">The version of Ducts.</param>
/// <param name="Uptime">Seconds since the start.</param>
/// <param name="Address">Where the server listens; null for a module.</param>
/// <param name="Sessions">How many sessions live; null for a module.</param>
/// <param name="Redis">Where Redis is and whether it answers.</param>
internal sealed record StatusReport(int Pid, string Version, double Uptime, string? Address, int? Sessions, string Redis);

[JsonSerializable(typeof(StatusReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class StatusReportJson : JsonSerializerContext;
