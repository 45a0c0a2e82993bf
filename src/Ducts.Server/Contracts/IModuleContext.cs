using Ducts.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Ducts;

/// <summary>Gives a running module access to Redis, its log, its configuration and its services.</summary>
public interface IModuleContext
{
    /// <summary>Gets the Redis client.</summary>
    IRedisClient Redis { get; }

    /// <summary>Gets the module's log.</summary>
    ILogger Logger { get; }

    /// <summary>Gets the module's configuration: the file <c>config_NAME.ini</c> and what overrides it.</summary>
    IConfiguration Configuration { get; }

    /// <summary>Gets the module's services, in a scope that is disposed when the module has ended.</summary>
    IServiceProvider Services { get; }
}
