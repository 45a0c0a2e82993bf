using Ducts;
using Ducts.Handlers;
using Ducts.Scripting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides an extension method that adds handler files to a Ducts server.</summary>
public static class HandlerFolderExtensions
{
    /// <summary>
    /// Loads the handlers in the files <c>evt_{id}_{name}.cs</c> of a folder. The server compiles them when it starts,
    /// and again when they change if <see cref="DuctsEventOptions.Reload"/> is set. Call it once for each folder.
    /// </summary>
    /// <remarks>
    /// A file <c>startup.cs</c> in the folder is left alone, with a warning in the log: the <c>ducts</c> command runs it, an application
    /// sets itself up. A <see cref="LoadedStartup"/> among the services lets the handlers use its types.
    /// </remarks>
    /// <param name="builder">The server's builder.</param>
    /// <param name="folder">
    /// The folder; a relative path is resolved against <see cref="DuctsCommonOptions.DuctsHome"/>. Null selects
    /// <see cref="DuctsEventOptions.LocalPathHandler"/>. It need not exist.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IDuctsBuilder AddHandlerFolder(this IDuctsBuilder builder, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IHandlerSource>(services =>
        {
            var settings = HandlerFolderSettings.From(services.GetRequiredService<IOptions<DuctsOptions>>().Value, folder);
            return new HandlerFolderSource(
                settings,
                services.GetService<TimeProvider>() ?? TimeProvider.System,
                services.GetRequiredService<ILoggerFactory>().CreateLogger("ducts.event.manager"),
                startup: services.GetServices<LoadedStartup>().FirstOrDefault(startup => startup.Folder == Path.TrimEndingDirectorySeparator(settings.Folder)));
        });
        return builder;
    }
}
