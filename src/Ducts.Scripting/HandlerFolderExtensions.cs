using Ducts;
using Ducts.Handlers;
using Ducts.Scripting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds handler files to a Ducts server.</summary>
public static class HandlerFolderExtensions
{
    /// <summary>
    /// Loads the handlers in the files of a folder, <c>evt_{id}_{name}.cs</c>, which are compiled when the server starts,
    /// and again when they change if <see cref="DuctsEventOptions.Reload"/> says so. May be called for more than one folder.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="folder">
    /// The folder; a relative path starts from <see cref="DuctsCommonOptions.DuctsHome"/>. Null takes
    /// <see cref="DuctsEventOptions.LocalPathHandler"/>. It need not exist.
    /// </param>
    /// <returns>The server.</returns>
    public static IDuctsBuilder AddHandlerFolder(this IDuctsBuilder builder, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IHandlerSource>(services => new HandlerFolderSource(
            HandlerFolderSettings.From(services.GetRequiredService<IOptions<DuctsOptions>>().Value, folder),
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            services.GetRequiredService<ILoggerFactory>().CreateLogger("ducts.event.manager")));
        return builder;
    }
}
