using Ducts.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Ducts;

/// <summary>What a module finds set up when it runs.</summary>
public interface IModuleContext
{
    /// <summary>The Redis client.</summary>
    IRedisClient Redis { get; }

    /// <summary>The module's log.</summary>
    ILogger Logger { get; }

    /// <summary>The module's configuration file, <c>config_NAME.ini</c>, and what overrides it.</summary>
    IConfiguration Configuration { get; }

    /// <summary>The services of the module, in a scope of its own that is disposed when the module has ended.</summary>
    IServiceProvider Services { get; }
}
