using Ducts.Handlers;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting;

/// <summary>Logs the compiling and watching of handler files. Ids 4000 to 4999.</summary>
internal static partial class ScriptingLog
{
    [LoggerMessage(4000, LogLevel.Information, "PLUGIN_DIR={Folder}")]
    public static partial void HandlerFolder(ILogger logger, string folder);

    [LoggerMessage(4001, LogLevel.Information, "COMPILED|FILES={Files}|MS={Milliseconds}")]
    public static partial void Compiled(ILogger logger, int files, long milliseconds);

    [LoggerMessage(4002, LogLevel.Debug, "COMPILED BEFORE|FILES={Files}|MS={Milliseconds}")]
    public static partial void FoundCompiled(ILogger logger, int files, long milliseconds);

    [LoggerMessage(4003, LogLevel.Warning, "{Warning}")]
    public static partial void CompilerWarning(ILogger logger, HandlerProblem warning);

    [LoggerMessage(4004, LogLevel.Information, "PACKAGES|{Names}")]
    public static partial void FetchingPackages(ILogger logger, string names);

    [LoggerMessage(4005, LogLevel.Information, "CHANGED|DIR={Folder}")]
    public static partial void FolderChanged(ILogger logger, string folder);

    [LoggerMessage(4006, LogLevel.Warning, "The folder {Folder} cannot be watched; it is polled for changes instead: {Reason}")]
    public static partial void WatchFailed(ILogger logger, string folder, string reason);

    [LoggerMessage(4007, LogLevel.Warning, "Checking {Folder} for changes failed; retrying: {Reason}")]
    public static partial void LookFailed(ILogger logger, string folder, string reason);

    [LoggerMessage(4008, LogLevel.Warning, "The cache entry {Path} is damaged; the files are compiled again")]
    public static partial void CacheEntryDamaged(ILogger logger, string path);

    [LoggerMessage(4009, LogLevel.Warning, "The cache {Path} cannot be read or written; continuing without it: {Reason}")]
    public static partial void CacheOutOfReach(ILogger logger, string path, string reason);

    [LoggerMessage(4010, LogLevel.Warning, "The cache entry {Path} is not used, the files are compiled again: {Reason}")]
    public static partial void CacheEntryRefused(ILogger logger, string path, string reason);

    [LoggerMessage(4011, LogLevel.Warning, "The cache {Path} is not used, the files are compiled at each start: {Reason}")]
    public static partial void CacheRefused(ILogger logger, string path, string reason);

    [LoggerMessage(4012, LogLevel.Warning, "{Name} changed; restart the server to apply it")]
    public static partial void StartupChanged(ILogger logger, string name);

    [LoggerMessage(4013, LogLevel.Warning, "{Path} is neither compiled nor run: the ducts command does that; move what it sets up into the application")]
    public static partial void StartupNotRun(ILogger logger, string path);
}
