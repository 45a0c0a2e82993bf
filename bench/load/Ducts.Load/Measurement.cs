namespace Ducts.Load;

/// <summary>One run of a scenario against one server.</summary>
/// <param name="Cost">CPU microseconds of the server, or KiB of its memory, for one unit.</param>
/// <param name="PerSecond">Units a second.</param>
/// <param name="P50">Half of the latencies are below; microseconds.</param>
/// <param name="P99">99 of 100 are below.</param>
/// <param name="ResidentMiB">The server's memory at the end.</param>
internal readonly record struct Measurement(double Cost, double PerSecond, double P50, double P99, double ResidentMiB);
