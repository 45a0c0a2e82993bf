using System.Reflection;
using Ducts.Cli.Commands;
using Ducts.Handlers;
using Ducts.Scripting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ducts.Cli.Hosting;

/// <summary>The sections that this folder's handlers bind their own options to.</summary>
internal static class HandlerSections
{
    /// <summary>Loads the handler files, which compiles what has changed. Those that cannot be loaded have no sections.</summary>
    /// <param name="options">Where the handlers are.</param>
    /// <param name="cancellationToken">Cancels compiling.</param>
    /// <returns>The classes marked with <see cref="ConfigAttribute"/>, by their sections' names.</returns>
    public static async Task<IReadOnlyList<Type>> FindAsync(DuctsOptions options, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(options.GetFullPath(options.Event.LocalPathHandler)))
            return [];
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(Options.Create(options));
        var startup = await new StartupFileLoader(options.Common.DuctsHome, NullLogger.Instance).LoadAsync(options.GetFullPath(options.Event.LocalPathHandler), cancellationToken);
        services.AddSingleton(startup);
        new Builder(services).AddHandlerFolder();
        await using var provider = services.BuildServiceProvider();
        var set = await provider.GetRequiredService<IHandlerSource>().LoadAsync(cancellationToken);
        return Of(set.Candidates.Select(static candidate => candidate.Type), startup);
    }

    /// <summary>The classes of options that handlers' constructors take, and those that the startup file has for itself.</summary>
    public static IReadOnlyList<Type> Of(IEnumerable<Type> handlers, LoadedStartup startup) =>
    [
        .. handlers
            .SelectMany(static handler => handler.GetConstructors())
            .SelectMany(static constructor => constructor.GetParameters())
            .Select(static parameter => parameter.ParameterType)
            .Concat(startup.Assembly?.GetTypes() ?? [])
            .Where(static type => type.IsDefined(typeof(ConfigAttribute)))
            .Distinct()
            .OrderBy(NameOf, StringComparer.Ordinal),
    ];

    public static string NameOf(Type type) => type.GetCustomAttribute<ConfigAttribute>()!.Section;

    private sealed class Builder(IServiceCollection services) : IDuctsBuilder
    {
        public IServiceCollection Services { get; } = services;
    }
}
