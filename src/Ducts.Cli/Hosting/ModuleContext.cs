using Ducts.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>Holds the services of a running module.</summary>
internal sealed record ModuleContext(IRedisClient Redis, ILogger Logger, IConfiguration Configuration, IServiceProvider Services) : IModuleContext;
