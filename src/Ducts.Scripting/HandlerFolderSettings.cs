namespace Ducts.Scripting;

/// <summary>Holds the options of a handler folder.</summary>
/// <param name="Folder">The folder of the files.</param>
/// <param name="Pattern">Which of them are handlers, by name.</param>
/// <param name="MinId">The lowest id allowed.</param>
/// <param name="CacheFolder">Where compiled files are kept.</param>
/// <param name="Reload">Whether changes are looked for and old code is unloaded.</param>
internal sealed record HandlerFolderSettings(string Folder, string Pattern, int MinId, string CacheFolder, bool Reload)
{
    /// <summary>Below the server's home: what can be deleted at any time.</summary>
    public const string CacheName = ".ducts";

    /// <summary>Takes the settings from the options; relative paths start from the server's home.</summary>
    public static HandlerFolderSettings From(DuctsOptions options, string? folder = null)
    {
        var home = Path.GetFullPath(options.Common.DuctsHome);
        return new HandlerFolderSettings(
            Path.GetFullPath(folder ?? options.Event.LocalPathHandler, home),
            options.Event.PluginFilenamePattern,
            options.Event.MinUserHandlerId,
            Path.Combine(home, CacheName),
            options.Event.Reload);
    }
}
