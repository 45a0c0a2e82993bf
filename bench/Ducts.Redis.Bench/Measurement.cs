namespace Ducts.Redis.Bench;

/// <summary>What one run reached.</summary>
internal readonly record struct Measurement(double PerSecond, double ClientMicroseconds, double AllocatedBytes);
