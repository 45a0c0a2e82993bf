using StackExchange.Redis;

namespace Ducts.Hosting;

/// <summary>The Redis that an application has chosen in code.</summary>
/// <param name="ConnectionString">A URI or connection string; null where there is a multiplexer.</param>
/// <param name="Multiplexer">Gets the application's multiplexer; null where there is a connection string.</param>
internal sealed record RedisChoice(string? ConnectionString, Func<IServiceProvider, IConnectionMultiplexer>? Multiplexer);
