using Ducts.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Hosting;

/// <summary>What a module finds set up.</summary>
internal sealed record ModuleContext(IRedisClient Redis, ILogger Logger, IConfiguration Configuration, IServiceProvider Services) : IModuleContext;
